// Package rules checks the RULES.md files of the repository: that each citation
// refers to an existing rule, that a test names each rule, and that no comment
// cites a text outside the repository.
//
// A test or script cites a section of a RULES.md by the name of the file and
// its anchor, such as #look-back. Scripts are text files in a folder scripts or
// below testdata. Without a path, a citation means the nearest RULES.md in its
// folder or above. A path starts at the root of the repository.
package rules

import (
	"cmp"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// name is the name of the files with rules.
const name = "RULES.md"

// A section is a heading of a RULES.md with the text below it.
type section struct {
	line  int
	rules int // number of numbered rules
	named bool
}

// A citation is a place that refers to a RULES.md.
type citation struct {
	file   string
	line   int
	path   string // the path before the name, such as "aggregate/"; "" means the nearest
	anchor string // the anchor without #; "" means the whole file, which needs a path
	rule   int    // the number in "rule 3 of"; 0 means the whole section
	test   bool   // the place is in a test or script
}

// Check returns all faults of the rules and citations in a repository, by file
// and line.
func Check(repository fs.FS) ([]string, error) {
	c := checker{files: map[string]map[string]*section{}}
	var cited []citation
	err := fs.WalkDir(repository, ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if file != "." && strings.HasPrefix(d.Name(), ".") {
				return fs.SkipDir
			}
			return nil
		}
		kind := kindOf(file)
		if kind == other {
			return nil
		}
		text, err := fs.ReadFile(repository, file)
		if err != nil {
			return err
		}
		if path.Base(file) == name {
			c.read(file, string(text))
		}
		return comments(file, kind, string(text), func(line int, comment string) {
			cited = append(cited, citations(file, kind, line, comment)...)
			if kind != prose && foreign(comment) {
				c.fail(file, line, "a section of a text that is not in this repository: cite a RULES.md, or a standard by its name")
			}
		})
	})
	if err != nil {
		return nil, err
	}
	for _, at := range cited {
		c.follow(at)
	}
	c.unnamed()
	slices.SortFunc(c.faults, func(a, b fault) int {
		return cmp.Or(strings.Compare(a.file, b.file), cmp.Compare(a.line, b.line), strings.Compare(a.text, b.text))
	})
	var out []string
	for _, f := range c.faults {
		out = append(out, fmt.Sprintf("%s:%d: %s", f.file, f.line, f.text))
	}
	return out, nil
}

// A kind is the kind of a file that may cite a rule.
type kind uint8

const (
	other kind = iota
	code
	test
	script
	prose
)

func kindOf(file string) kind {
	switch {
	case strings.HasSuffix(file, "_test.go"):
		return test
	case strings.HasSuffix(file, ".go"):
		return code
	case strings.HasSuffix(file, ".txt") && scriptFolder(path.Dir(file)):
		return script
	case strings.HasSuffix(file, ".md"):
		return prose
	}
	return other
}

// scriptFolder reports whether a folder has scripts: it is named scripts, or is
// below testdata.
func scriptFolder(dir string) bool {
	return path.Base(dir) == "scripts" || slices.Contains(strings.Split(dir, "/"), "testdata")
}

type fault struct {
	file string
	line int
	text string
}

type checker struct {
	files  map[string]map[string]*section // sections of each file, by path and anchor
	faults []fault
}

func (c *checker) fail(file string, line int, format string, args ...any) {
	c.faults = append(c.faults, fault{file, line, fmt.Sprintf(format, args...)})
}

var numbered = regexp.MustCompile(`^(\d+)\. `)

// read collects the sections of a RULES.md and checks their form.
func (c *checker) read(file, text string) {
	sections := map[string]*section{}
	c.files[file] = sections
	var open *section
	sourced := true
	end := func() {
		if open != nil && open.rules > 0 && !sourced {
			c.fail(file, open.line, "no line that starts with Source:")
		}
	}
	fenced := false
	for i, line := range strings.Split(text, "\n") {
		if strings.HasPrefix(line, "```") {
			fenced = !fenced
		}
		if fenced {
			continue
		}
		heading, isHeading := strings.CutPrefix(line, "## ")
		switch m := numbered.FindStringSubmatch(line); {
		case isHeading:
			end()
			anchor := Anchor(heading)
			if sections[anchor] != nil {
				c.fail(file, i+1, "the anchor #%s is there twice", anchor)
			}
			open, sourced = &section{line: i + 1}, false
			sections[anchor] = open
		case strings.HasPrefix(line, "###"):
			c.fail(file, i+1, "want headings with ## only")
		case m != nil && open != nil:
			open.rules++
			if n, _ := strconv.Atoi(m[1]); n != open.rules {
				c.fail(file, i+1, "rule %d: want number %d", n, open.rules)
			}
		case strings.HasPrefix(line, "Source: "):
			sourced = true
		}
	}
	end()
}

var notInAnchor = regexp.MustCompile(`[^\p{L}\p{N} _-]`)

// Anchor returns the anchor that GitHub gives a heading.
func Anchor(heading string) string {
	text := notInAnchor.ReplaceAllString(strings.ToLower(strings.TrimSpace(heading)), "")
	return strings.ReplaceAll(text, " ", "-")
}

var cites = regexp.MustCompile(`(?:rule (\d+) of [(\[]?)?((?:[\w.-]+/)*)RULES\.md(?:#([\w-]+))?`)

// comments calls visit for each line of a file that can cite a rule. In a Go
// file these are comments.
func comments(file string, kind kind, text string, visit func(line int, comment string)) error {
	each := func(first int, text string) {
		for i, line := range strings.Split(text, "\n") {
			visit(first+i, line)
		}
	}
	if kind != code && kind != test {
		each(1, text)
		return nil
	}
	fset := token.NewFileSet()
	parsed, err := parser.ParseFile(fset, file, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	for _, group := range parsed.Comments {
		for _, comment := range group.List {
			each(fset.Position(comment.Pos()).Line, comment.Text)
		}
	}
	return nil
}

// citations returns the citations in a line.
func citations(file string, kind kind, line int, text string) (out []citation) {
	for _, m := range cites.FindAllStringSubmatch(text, -1) {
		if m[2] == "" && m[3] == "" {
			continue // only the name, without an anchor
		}
		rule, _ := strconv.Atoi(m[1])
		out = append(out, citation{
			file: file, line: line, path: m[2], anchor: m[3], rule: rule, test: kind == test || kind == script,
		})
	}
	return out
}

var (
	sections  = regexp.MustCompile(`\bspecification, \d|\bsections? \d`)
	standards = regexp.MustCompile(`\b(IHE|ISO|RFC|FHIR|SDMX|W3C|XML|Unicode)\b`)
)

// foreign reports whether a line cites a section of a text outside the
// repository.
func foreign(line string) bool { return sections.MatchString(line) && !standards.MatchString(line) }

// follow reports a citation that refers to no rule.
func (c *checker) follow(at citation) {
	target := c.target(at)
	sections := c.files[target]
	if sections == nil {
		c.fail(at.file, at.line, "no file %s%s", at.path, name)
		return
	}
	if at.anchor == "" {
		return
	}
	s := sections[at.anchor]
	switch {
	case s == nil:
		c.fail(at.file, at.line, "no heading for #%s in %s", at.anchor, target)
		return
	case at.rule > s.rules:
		c.fail(at.file, at.line, "rule %d of #%s: %s has %d", at.rule, at.anchor, target, s.rules)
	}
	s.named = s.named || at.test
}

// target returns the path of the RULES.md that a citation means.
func (c *checker) target(at citation) string {
	dir := path.Dir(at.file)
	if at.path != "" {
		if file := path.Join(at.path, name); c.files[file] != nil {
			return file
		}
		return path.Join(dir, at.path, name) // a link in a Markdown file
	}
	for {
		if file := path.Join(dir, name); c.files[file] != nil || dir == "." {
			return file
		}
		dir = path.Dir(dir)
	}
}

// unnamed reports the sections with rules that no test or script cites.
func (c *checker) unnamed() {
	for file, sections := range c.files {
		for anchor, s := range sections {
			if s.rules > 0 && !s.named {
				c.fail(file, s.line, "no test or script names #%s", anchor)
			}
		}
	}
}
