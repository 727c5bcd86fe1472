package hmis_test

import (
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
