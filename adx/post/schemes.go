package post

import (
	"iter"
	"net/url"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/hmis"
)

// schemeFields yields the parameters of schemes, each with its field in s.
func schemeFields(s *hmis.Schemes) iter.Seq2[string, *hmis.Scheme] {
	return func(yield func(string, *hmis.Scheme) bool) {
		_ = yield("dataSetIdScheme", &s.DataSet) &&
			yield("dataElementIdScheme", &s.DataElement) &&
			yield("orgUnitIdScheme", &s.OrgUnit) &&
			yield("categoryIdScheme", &s.Category) &&
			yield("categoryOptionIdScheme", &s.CategoryOption) &&
			yield("categoryOptionComboIdScheme", &s.OptionCombo) &&
			yield("attributeOptionComboIdScheme", &s.AttributeCombo)
	}
}

// schemeParams returns the parameters for s. Any is not used for option combos,
// because a server looks for the UID of its default combo in their scheme.
func schemeParams(s hmis.Schemes) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for name, scheme := range schemeFields(&s) {
			value := *scheme
			if value == "" && scheme != &s.OptionCombo && scheme != &s.AttributeCombo {
				value = s.Any
			}
			if !yield(name, string(value)) {
				return
			}
		}
	}
}

// readSchemes returns the schemes in the parameters of a request.
func readSchemes(query url.Values) (s hmis.Schemes, bad *adx.Finding) {
	read := func(name string, to *hmis.Scheme) {
		said, ok := query[name]
		if !ok || bad != nil {
			return
		}
		scheme, err := hmis.ParseScheme(said[0])
		if err != nil || said[0] == "" || len(said) > 1 {
			bad = &adx.Finding{
				Attr: name, Got: clip(said[len(said)-1]),
				Want: "UID, CODE, NAME or ATTRIBUTE: with a UID, once",
			}
			return
		}
		*to = scheme
	}
	read("idScheme", &s.Any)
	for name, field := range schemeFields(&s) {
		read(name, field)
	}
	return s, bad
}
