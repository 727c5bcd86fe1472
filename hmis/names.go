package hmis

import (
	"maps"
	"slices"
	"strings"
)

// Name returns the display name of an object: its name, else its short name,
// else its id. For an object that is not in the catalog it is the id. A catalog
// from [Catalog.In] returns a translated name where there is one.
func (c *Catalog) Name(r Ref) string {
	if name := c.translated[r].name; name != "" {
		return name
	}
	if h, ok := c.find(r); ok {
		return h.display()
	}
	return string(r.ID)
}

// ShortName returns the short name of an object, else what [Catalog.Name]
// returns. A catalog from [Catalog.In] returns a translated short name where
// there is one.
func (c *Catalog) ShortName(r Ref) string {
	if short := c.translated[r].short; short != "" {
		return short
	}
	if h, ok := c.find(r); ok && h.short != "" {
		return h.short
	}
	return c.Name(r)
}

// A translatedName has the names of an object in another language; "" where
// there is no translation.
type translatedName struct{ name, short string }

// In returns a catalog of the same objects in which Name and ShortName return
// the names in another language, such as "fr" or "pt_BR". An object without a
// name in that language keeps its own. Where a region or script has no
// translation, that of the language is used: "fr" for "fr_CA". Case and the
// choice of "-" or "_" do not matter (RULES.md#names).
//
// Only Name and ShortName differ. The objects that [Find] returns, and
// everything that looks an object up by its name, stay as they are.
func (c *Catalog) In(locale string) *Catalog {
	out := *c
	out.translated = map[Ref]translatedName{}
	for _, tag := range localeTags(locale) {
		for _, t := range c.translations {
			if sameLocale(t.Locale) != tag || t.Value == "" {
				continue
			}
			had := out.translated[t.Object]
			switch t.Property { // the longest tag comes last and wins
			case "NAME":
				had.name = t.Value
			case "SHORT_NAME":
				had.short = t.Value
			default:
				continue
			}
			out.translated[t.Object] = had
		}
	}
	return &out
}

// Locales returns the languages for which the catalog has translations, as the
// metadata writes them, sorted.
func (c *Catalog) Locales() []string {
	has := map[string]bool{}
	for _, t := range c.translations {
		has[t.Locale] = true
	}
	return slices.Sorted(maps.Keys(has))
}

// localeTags returns a locale and the shorter ones to fall back to, the
// shortest first: "uz", "uz_uz" and "uz_uz_cyrl" for "uz_UZ_Cyrl".
func localeTags(locale string) []string {
	parts := strings.Split(sameLocale(locale), "_")
	tags := make([]string, len(parts))
	for i := range parts {
		tags[i] = strings.Join(parts[:i+1], "_")
	}
	return tags
}

// sameLocale returns a locale in the form in which locales are compared.
func sameLocale(locale string) string {
	return strings.ToLower(strings.ReplaceAll(locale, "-", "_"))
}
