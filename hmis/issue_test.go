package hmis_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/stretchr/testify/require"
)

func TestIssues(t *testing.T) {
	var none hmis.Issues
	require.NoError(t, none.Err())
	one := &hmis.Issue{Code: "E8122", Object: hmis.Ref{Kind: hmis.KindDataElement, ID: "fbfJHSPpUQD"}, Field: "value", Err: io.ErrUnexpectedEOF}
	list := hmis.Issues{{Field: "categoryCombo", Err: fmt.Errorf("no object %q", "x")}, one}
	require.EqualError(t, list.Err(), "hmis: categoryCombo: no object \"x\"\nhmis: E8122: dataElement fbfJHSPpUQD: value: unexpected EOF")
	require.ErrorIs(t, list, io.ErrUnexpectedEOF)
	first, ok := errors.AsType[*hmis.Issue](error(list))
	require.True(t, ok)
	require.Equal(t, "categoryCombo", first.Field)
	require.Equal(t, "hmis: E8122", (&hmis.Issue{Code: "E8122"}).Error())
	require.Equal(t, "hmis: dx: E8122: dataElement fbfJHSPpUQD: value: unexpected EOF", (&hmis.Issue{Field: "dx", Err: one}).Error())
	require.Equal(t, "unexpected EOF", (&hmis.Issue{Err: io.ErrUnexpectedEOF}).Error())
	require.Equal(t, "[info warning severe critical severity(9)]", fmt.Sprint([]hmis.Severity{hmis.Info, hmis.Warning, hmis.Severe, hmis.Critical, 9}))
}

// An issue that is written as JSON and read back has the same text and fields.
func TestIssueJSON(t *testing.T) {
	inner := &hmis.Issue{Code: "E8122", Offset: -1, Object: hmis.Ref{Kind: hmis.KindDataElement, ID: "fbfJHSPpUQD"}, Field: "value", Err: io.ErrUnexpectedEOF}
	tests := []struct {
		issue hmis.Issue
		want  string
	}{
		{hmis.Issue{Code: "E8122", Severity: hmis.Severe, Object: hmis.Ref{Kind: hmis.KindDataElement, ID: "fbfJHSPpUQD"}, Field: "value", Rows: []int{0, 3}, Offset: 12, Err: errors.New("not \"an\" <integer>")},
			`{"code":"E8122","severity":"severe","kind":"dataElement","id":"fbfJHSPpUQD","field":"value","rows":[0,3],"offset":12,"message":"not \"an\" \u003cinteger\u003e"}`},
		{hmis.Issue{Severity: hmis.Critical, Err: io.ErrUnexpectedEOF}, `{"severity":"critical","offset":0,"message":"unexpected EOF"}`},
		{hmis.Issue{Offset: -1}, `{"severity":"info"}`},
		{hmis.Issue{Offset: -1, Code: "codes_repeated", Refs: []hmis.Ref{{Kind: hmis.KindDataElement, ID: "a"}, {ID: "b"}}}, `{"code":"codes_repeated","severity":"info","refs":[{"kind":"dataElement","id":"a"},{"id":"b"}]}`},
		{hmis.Issue{Severity: hmis.Warning, Offset: -1, Field: "dx", Err: inner}, `{"severity":"warning","field":"dx","message":"E8122: dataElement fbfJHSPpUQD: value: unexpected EOF"}`},
		{hmis.Issue{Offset: -1, Err: inner}, `{"severity":"info","message":"hmis: E8122: dataElement fbfJHSPpUQD: value: unexpected EOF"}`},
	}
	var all hmis.Issues
	for _, tt := range tests {
		text, err := json.Marshal([]any{tt.issue, &tt.issue})
		require.NoError(t, err)
		require.Equal(t, "["+tt.want+","+tt.want+"]", string(text))
		text = []byte(tt.want)
		var back hmis.Issue
		require.NoError(t, json.Unmarshal(text, &back))
		require.Equal(t, tt.issue.Error(), back.Error())
		got := tt.issue
		got.Err, back.Err = nil, nil
		require.Equal(t, got, back)
		all = append(all, &tt.issue)
	}
	text, err := json.Marshal(hmis.Summary{Imported: 3, Issues: all})
	require.NoError(t, err)
	var sum hmis.Summary
	require.NoError(t, json.Unmarshal(text, &sum))
	require.Equal(t, all.Error(), sum.Issues.Error())

	var list hmis.Issues
	require.NoError(t, json.Unmarshal([]byte(`[null,{"severity":"info"}]`), &list))
	require.Len(t, list, 1)
	for in, want := range map[string]string{
		`[{"severity":"bad"}]`: `hmis: issues: issue: hmis: severity "bad": want info, warning, severe or critical`,
		`[{"rows":["x"]}]`:     `hmis: issues: issue: cannot unmarshal string into Go struct field jsonIssue.rows of type int`,
		`{}`:                   `hmis: issues: cannot unmarshal object into Go value of type []*hmis.Issue`,
	} {
		require.EqualError(t, json.Unmarshal([]byte(in), &list), want)
	}
}
