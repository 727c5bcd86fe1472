package compute

import (
	"math/big"

	"github.com/shopspring/decimal"
)

// spreads has the spread of each place, by index.
type spreads map[int]*spread

// A spread is what a variance needs, exactly: how many values there are, their
// sum and the sum of their squares.
type spread struct {
	n       int64
	sum, sq decimal.Decimal
}

// at returns the spread of the place with this index, and creates an empty one
// if there was none.
func (all spreads) at(at int) *spread {
	s := all[at]
	if s == nil {
		s = &spread{}
		all[at] = s
	}
	return s
}

func (s *spread) merge(t *spread) { s.n, s.sum, s.sq = s.n+t.n, s.sum.Add(t.sum), s.sq.Add(t.sq) }

// variance returns the variance of a sample, with the divisor n - 1. That of
// one value is 0, as a server shows it (aggregate/RULES.md#counts-and-spreads).
func (s *spread) variance() (num, den decimal.Decimal) {
	if s.n < 2 {
		return decimal.Decimal{}, decimal.New(1, 0)
	}
	n := decimal.NewFromInt(s.n)
	return n.Mul(s.sq).Sub(s.sum.Mul(s.sum)), n.Mul(n.Sub(decimal.New(1, 0)))
}

// deviation returns the square root of the variance, to 20 decimals.
func (s *spread) deviation() decimal.Decimal {
	num, den := s.variance()
	square := new(big.Rat).Quo(num.Rat(), den.Rat())
	var root big.Float
	root.SetPrec(uint(96 + square.Num().BitLen())).SetRat(square)
	root.Sqrt(&root)
	d, err := decimal.NewFromString(root.Text('f', 20))
	if err != nil {
		return decimal.Decimal{}
	}
	return d
}
