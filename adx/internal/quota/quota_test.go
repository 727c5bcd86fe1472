package quota_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ohie-hmis/hmis-go/adx/internal/quota"
)

func TestQuota(t *testing.T) {
	for most, want := range map[int]int{0: 1000, 3: 3, -1: 1200} {
		q := quota.New(most)
		passed := 0
		for range 1200 {
			if q.Pass() {
				passed++
			}
		}
		require.Equal(t, []int{want, 1200}, []int{passed, q.Met()})
		if want == 1200 {
			require.NoError(t, q.Rest())
		}
	}
	q := quota.New(2)
	require.NoError(t, q.Rest())
	for range 5 {
		q.Pass()
	}
	require.EqualError(t, q.Rest(), "5 findings in all, of which the first 2 were listed")
	var zero quota.Quota
	require.False(t, zero.Pass())
}
