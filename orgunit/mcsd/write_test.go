package mcsd_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/orgunit/mcsd"
	"github.com/stretchr/testify/require"
)

// What FHIR has no place for is listed, object by object (RULES.md#writing).
func TestNotWritten(t *testing.T) {
	unit := hmis.Ref{Kind: hmis.KindOrgUnit, ID: "country0001"}
	md := hmis.Metadata{
		OrgUnits:      []hmis.OrgUnit{{ID: "country0001", Name: "Country"}},
		OrgUnitLevels: []hmis.OrgUnitLevel{{ID: "level000001", Name: "National", Level: 1}},
		Groups: []hmis.Group{
			{Kind: hmis.KindOrgUnitGroup, ID: "group000001", Name: "Urban", Code: "U", ShortName: "Urb", Members: []hmis.UID{"country0001"}},
			{Kind: hmis.KindOrgUnitGroup, ID: "group000002", Name: "Empty"},
			{Kind: hmis.KindDataElementGroup, ID: "group000003", Name: "Not a matter of org units"},
		},
		GroupSets:  []hmis.GroupSet{{Kind: hmis.KindOrgUnitGroupSet, ID: "set00000001", Name: "Area", Groups: []hmis.UID{"group000001"}}},
		Attributes: []hmis.Attribute{{ID: "attribute01", Name: "Beds", Kinds: []hmis.Kind{hmis.KindOrgUnit}}},
		Properties: []hmis.Property{{Object: unit, Name: "leaf", Value: "true"}, {Object: unit, Name: "email", Value: `"a@example.org"`}},
	}
	var lost []string
	f := mcsd.Format{Warn: func(i hmis.Issue) { lost = append(lost, i.Error()) }}
	text := write(t, f, md)
	require.Equal(t, []string{
		`hmis: MCSD-W1: organisationUnitLevel level000001: name: not written: "National" of level 1`,
		`hmis: MCSD-W1: organisationUnitGroup group000001: code: not written: "U"`,
		`hmis: MCSD-W1: organisationUnitGroup group000001: shortName: not written: "Urb"`,
		`hmis: MCSD-W1: organisationUnitGroup group000002: members: not written: a group without members`,
		`hmis: MCSD-W1: organisationUnitGroupSet set00000001: name: not written: "Area", and whether it is compulsory or a dimension`,
		`hmis: MCSD-W1: attribute attribute01: value: not written: values of "Beds", which is not unique`,
		`hmis: MCSD-W1: organisationUnit: leaf: not written: this property of 1 units`,
	}, lost)
	require.True(t, strings.HasPrefix(string(text), `{"resourceType":"Bundle","type":"transaction"`), "%.60s", text)
	require.JSONEq(t, `{"resourceType":"Bundle","type":"searchset","total":0}`, string(write(t, mcsd.Format{Bundle: "searchset"}, hmis.Metadata{})))
}

// What cannot be written is an error before anything is (RULES.md#ids).
func TestWriteErrors(t *testing.T) {
	id := func(unit hmis.UID, value string) hmis.AttributeValue {
		return hmis.AttributeValue{Object: hmis.Ref{Kind: hmis.KindOrgUnit, ID: unit}, Attribute: mcsd.LocationID, Value: value}
	}
	two := []hmis.OrgUnit{{ID: "a"}, {ID: "b"}}
	tests := []struct {
		f    mcsd.Format
		md   hmis.Metadata
		want string
	}{
		{mcsd.Format{}, hmis.Metadata{OrgUnits: two, AttributeValues: []hmis.AttributeValue{id("a", "x"), id("b", "x")}},
			`hmis: MCSD-U1: organisationUnit b: id: "x" is also the FHIR id of a`},
		{mcsd.Format{}, hmis.Metadata{OrgUnits: two, AttributeValues: []hmis.AttributeValue{id("a", "x y")}},
			`hmis: MCSD-U1: organisationUnit a: id: "x y": want 1 to 64 letters, digits, dashes and dots`},
		{mcsd.Format{}, hmis.Metadata{OrgUnits: []hmis.OrgUnit{{ID: "a"}, {ID: "a", Name: "Again"}}},
			`hmis: organisationUnit a: id: want an id for each unit, once; see unit 1, named "Again"`},
		{mcsd.Format{Bundle: "batch"}, hmis.Metadata{}, `mcsd: bundle "batch": want transaction, searchset, history or collection`},
		{mcsd.Format{}, hmis.Metadata{OrgUnits: two, Properties: []hmis.Property{{Object: hmis.Ref{Kind: hmis.KindOrgUnit, ID: "a"}, Name: "email", Value: "x"}}},
			`hmis: organisationUnit a: email: want text, got "x"`},
	}
	for _, tt := range tests {
		var out bytes.Buffer
		if err := tt.f.Write(&out, tt.md); err == nil || err.Error() != tt.want {
			t.Errorf("%v, want %s", err, tt.want)
		}
	}
	require.ErrorContains(t, mcsd.Format{}.Write(full{}, hmis.Metadata{}), "mcsd: no space")
}

// full is a disk without space.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, fmt.Errorf("no space") }
