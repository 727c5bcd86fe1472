package report

import (
	_ "embed" // embed the template of the page
	"html/template"
	"io"

	"github.com/ohie-hmis/hmis-go/aggregate/quality"
)

//go:embed page.html
var pageText string

var page = template.Must(template.New("page").Funcs(template.FuncMap{
	"status": func(s quality.Status) string { return s.String() }, // the status is used as a CSS class
	"grade":  statusText,
}).Parse(pageText))

// WriteHTML writes the report as one self-contained page, without scripts and
// without pictures or fonts from elsewhere. It prints on A4. Every colour has a
// text or sign beside it.
func (r *Report) WriteHTML(w io.Writer) error { return page.Execute(w, r.document()) }
