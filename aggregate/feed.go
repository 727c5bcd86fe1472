package aggregate

import (
	"context"
	"iter"
)

// abandonable returns a stream that ends with the error of ctx as soon as ctx
// ends, even if seq is waiting for its next item. seq runs in its own
// goroutine, taking turns with the reader, so that the two never run at once.
// After ctx ends, seq may go on by itself until it notices.
func abandonable[T any](ctx context.Context, seq iter.Seq2[T, error]) iter.Seq2[T, error] {
	if ctx.Done() == nil || seq == nil {
		return seq
	}
	return func(yield func(T, error) bool) {
		s := feed[T]{turn: make(chan struct{}), items: make(chan fed[T], 1), left: make(chan struct{})}
		go s.run(seq)
		abandoned := false
		defer func() {
			close(s.left)
			if abandoned {
				return
			}
			// The load returns only after seq has cleaned up.
			if end := <-s.items; end.panics != nil {
				panic(end.panics)
			}
		}()
		for {
			s.turn <- struct{}{}
			select {
			case item := <-s.items:
				switch {
				case item.panics != nil:
					abandoned = true
					panic(item.panics)
				case item.last:
					abandoned = true // the stream has ended
					return
				case !yield(item.value, item.err):
					return
				}
			case <-ctx.Done():
				abandoned = true
				var none T
				yield(none, ctx.Err())
				return
			}
		}
	}
}

// A feed is a stream that runs in a goroutine.
type feed[T any] struct {
	turn  chan struct{}
	items chan fed[T]
	left  chan struct{}
}

// A fed is one item that a feed passes on, or the end of the feed.
type fed[T any] struct {
	value  T
	err    error
	last   bool
	panics any
}

func (s *feed[T]) run(seq iter.Seq2[T, error]) {
	defer func() { s.items <- fed[T]{last: true, panics: recover()} }()
	if !s.hasTurn() {
		return
	}
	for v, err := range seq {
		s.items <- fed[T]{value: v, err: err}
		if !s.hasTurn() {
			return
		}
	}
}

// hasTurn waits until the reader wants the next item. It returns false if the
// reader has left.
func (s *feed[T]) hasTurn() bool {
	select {
	case <-s.turn:
		return true
	case <-s.left:
		return false
	}
}

// chunked gathers items into lists, since passing each from one goroutine to
// another is slow. It checks ctx between items.
func chunked[T any](ctx context.Context, seq iter.Seq2[T, error]) iter.Seq2[[]T, error] {
	const size = 1024
	return func(yield func([]T, error) bool) {
		list := make([]T, 0, size)
		for v, err := range seq {
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				if yield(list, nil) {
					yield(nil, err)
				}
				return
			}
			if list = append(list, v); len(list) == size {
				if !yield(list, nil) {
					return
				}
				list = make([]T, 0, size)
			}
		}
		yield(list, nil)
	}
}

// flat yields the items of all chunks, one by one.
func flat[T any](chunks iter.Seq2[[]T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for list, err := range chunks {
			for _, v := range list {
				if !yield(v, nil) {
					return
				}
			}
			if err != nil {
				var none T
				yield(none, err)
				return
			}
		}
	}
}
