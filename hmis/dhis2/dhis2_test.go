package dhis2_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"iter"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/period"
	"github.com/stretchr/testify/require"
)

// stream returns values as a stream.
func stream[T any](values []T) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for _, v := range values {
			if !yield(v, nil) {
				return
			}
		}
	}
}

// collect returns the values of a stream and its error.
func collect[T any](seq iter.Seq2[T, error]) ([]T, error) {
	var list []T
	for v, err := range seq {
		if err != nil {
			return list, err
		}
		list = append(list, v)
	}
	return list, nil
}

// line returns a value as element/unit/period[/combo[/attribute]]=text,
// followed by its marks.
func line(v hmis.DataValue) string {
	s := fmt.Sprintf("%s/%s/%s", v.DataElement, v.OrgUnit, v.Period)
	if v.OptionCombo != "" || v.AttributeCombo != "" {
		s += "/" + string(v.OptionCombo)
	}
	if v.AttributeCombo != "" {
		s += "/" + string(v.AttributeCombo)
	}
	s += "=" + v.Value
	if v.Comment != "" {
		s += fmt.Sprintf(" %q", v.Comment)
	}
	if v.StoredBy != "" {
		s += " by " + v.StoredBy
	}
	if !v.Created.IsZero() {
		s += " created " + v.Created.Format(time.RFC3339Nano)
	}
	if !v.Updated.IsZero() {
		s += " updated " + v.Updated.Format(time.RFC3339Nano)
	}
	if v.FollowUp {
		s += " followup"
	}
	if v.Deleted {
		s += " deleted"
	}
	return s
}

// lines returns one line for each value of a stream, and the error last.
func lines(values iter.Seq2[hmis.DataValue, error]) string {
	var out []string
	list, err := collect(values)
	for _, v := range list {
		out = append(out, line(v))
	}
	if err != nil {
		out = append(out, "error: "+err.Error())
	}
	return strings.Join(out, "\n")
}

// country returns a catalog with a disaggregated data element, in a data set
// that overrides its combo, and with an attribute combo.
func country(t testing.TB) *hmis.Catalog {
	c, err := hmis.NewCatalog(hmis.Metadata{
		DataElements: []hmis.DataElement{
			{ID: "deMalaria01", Code: "MAL", Name: "Malaria cases", CategoryCombo: "ccSex000001"},
			{ID: "deBcgDoses1", Code: "BCG", Name: "BCG doses"},
			{ID: "deDouble001", Code: "DOUBLE", Name: "Twins"},
			{ID: "deDouble002", Code: "DOUBLE", Name: "Twins"},
		},
		Categories: []hmis.Category{
			{ID: "catSex00001", Code: "SEX", Name: "Sex", Options: []hmis.UID{"optFemale01", "optMale0001"}},
			{ID: "catProject1", Code: "PROJECT", Name: "Project", Options: []hmis.UID{"optProjectA"}, Attribute: true},
		},
		CategoryOptions: []hmis.CategoryOption{
			{ID: "optFemale01", Code: "F", Name: "Female"}, {ID: "optMale0001", Code: "M", Name: "Male"},
			{ID: "optProjectA", Code: "PA", Name: "Project A"},
		},
		CategoryCombos: []hmis.CategoryCombo{
			{ID: "ccSex000001", Code: "SEX", Name: "Sex", Categories: []hmis.UID{"catSex00001"}},
			{ID: "ccProject01", Code: "PROJECT", Name: "Project", Categories: []hmis.UID{"catProject1"}, Attribute: true},
		},
		OptionCombos: []hmis.OptionCombo{
			{ID: "cocFemale01", Code: "F", Name: "Female", CategoryCombo: "ccSex000001", Options: []hmis.UID{"optFemale01"}},
			{ID: "cocMale0001", Code: "M", Name: "Male", CategoryCombo: "ccSex000001", Options: []hmis.UID{"optMale0001"}},
			{ID: "aocProjectA", Code: "PA", Name: "Project A", CategoryCombo: "ccProject01", Options: []hmis.UID{"optProjectA"}},
		},
		DataSets: []hmis.DataSet{{
			ID: "dsMalaria01", Code: "MALARIA", Name: "Malaria", PeriodType: period.Monthly, CategoryCombo: "ccProject01",
			Elements: []hmis.DataSetElement{{DataElement: "deMalaria01"}},
		}},
		OrgUnits: []hmis.OrgUnit{{ID: "ouBo0000001", Code: "OU_BO", Name: "Bo"}, {ID: "ouKenema001", Code: "OU_KE", Name: "Kenema"}},
		Attributes: []hmis.Attribute{
			{ID: "attrFunder1", Name: "Funder code", Unique: true}, {ID: "attrRegion1", Name: "Region"},
		},
		AttributeValues: []hmis.AttributeValue{
			{Object: hmis.Ref{Kind: hmis.KindDataElement, ID: "deBcgDoses1"}, Attribute: "attrFunder1", Value: "F-17"},
		},
	})
	require.NoError(t, err)
	return c
}

// gzipped compresses a text.
func gzipped(t testing.TB, text string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, err := z.Write([]byte(text))
	require.NoError(t, err)
	require.NoError(t, z.Close())
	return b.String()
}

// samePeriods returns an option for cmp that compares periods with ==.
func samePeriods() cmp.Option { return cmpopts.EquateComparable(period.Period{}) }

// sameMetadata returns options for cmp. They ignore the order of kinds of
// groups and of side lists, and whether an empty list is nil.
func sameMetadata() cmp.Options {
	ref := func(r hmis.Ref) string { return string(r.Kind) + " " + string(r.ID) }
	return cmp.Options{
		cmpopts.EquateEmpty(), samePeriods(),
		cmpopts.SortSlices(func(a, b hmis.Group) bool { return string(a.Kind+" ")+string(a.ID) < string(b.Kind+" ")+string(b.ID) }),
		cmpopts.SortSlices(func(a, b hmis.GroupSet) bool {
			return string(a.Kind+" ")+string(a.ID) < string(b.Kind+" ")+string(b.ID)
		}),
		cmpopts.SortSlices(func(a, b hmis.Property) bool { return ref(a.Object)+a.Name < ref(b.Object)+b.Name }),
		cmpopts.SortSlices(func(a, b hmis.Translation) bool {
			return ref(a.Object)+a.Locale+a.Property+a.Value < ref(b.Object)+b.Locale+b.Property+b.Value
		}),
		cmpopts.SortSlices(func(a, b hmis.AttributeValue) bool {
			return ref(a.Object)+string(a.Attribute) < ref(b.Object)+string(b.Attribute)
		}),
	}
}

// differ returns the differences that sameMetadata finds. It is fast if there
// are none.
func differ(a, b hmis.Metadata) string {
	if reflect.DeepEqual(sorted(a), sorted(b)) {
		return ""
	}
	return cmp.Diff(a, b, sameMetadata())
}

func sorted(md hmis.Metadata) hmis.Metadata {
	md.Groups, md.GroupSets = slices.Clone(md.Groups), slices.Clone(md.GroupSets)
	md.Properties, md.Translations = slices.Clone(md.Properties), slices.Clone(md.Translations)
	md.AttributeValues = slices.Clone(md.AttributeValues)
	slices.SortStableFunc(md.Groups, func(a, b hmis.Group) int { return strings.Compare(string(a.Kind), string(b.Kind)) })
	slices.SortStableFunc(md.GroupSets, func(a, b hmis.GroupSet) int { return strings.Compare(string(a.Kind), string(b.Kind)) })
	byObject := func(a, b hmis.Ref) int {
		return strings.Compare(string(a.Kind)+string(a.ID), string(b.Kind)+string(b.ID))
	}
	slices.SortStableFunc(md.Properties, func(a, b hmis.Property) int { return byObject(a.Object, b.Object) })
	slices.SortStableFunc(md.Translations, func(a, b hmis.Translation) int { return byObject(a.Object, b.Object) })
	slices.SortStableFunc(md.AttributeValues, func(a, b hmis.AttributeValue) int { return byObject(a.Object, b.Object) })
	return md
}

// first returns the position of the first value that differs, or -1.
func first(a, b []hmis.DataValue) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	if len(a) != len(b) {
		return min(len(a), len(b))
	}
	return -1
}
