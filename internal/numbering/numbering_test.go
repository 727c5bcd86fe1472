package numbering_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ohie-hmis/hmis-go/internal/numbering"
)

func TestIn(t *testing.T) {
	list := []string{"Bo", "Kenema"}
	at := numbering.Index(list)
	var numbers []uint32
	for _, name := range []string{"Kenema", "Moyamba", "", "Moyamba", "Bo", ""} {
		numbers = append(numbers, numbering.In(&list, at, name))
	}
	require.Equal(t, []uint32{1, 2, 3, 2, 0, 3}, numbers)
	require.Equal(t, []string{"Bo", "Kenema", "Moyamba", ""}, list)
	require.Equal(t, numbering.Index(list), at)
}
