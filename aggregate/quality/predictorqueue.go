package quality

import (
	"cmp"
	"iter"
	"slices"
	"sync"

	"github.com/ohie-hmis/hmis-go/hmis"
)

// A predictorQueue computes jobs in their order. Jobs that do not read each
// other's predictions are computed together, so that small ones use all
// goroutines too.
type predictorQueue struct {
	run   *predictorRun
	yield func(hmis.DataValue) bool

	waiting []queuedJob
	results []predicted // result buffers that tasks reuse

	mu         sync.Mutex   // guards idle and busy
	idle, busy []*predictor // predictors whose memory is reused, and predictors in use
}

// A queuedJob is one entry of a queue: a job, or a predictor that has no job.
type queuedJob struct {
	predictor *hmis.Predictor
	job       *predictorJob // the job; nil if the predictor cannot be computed
	err       error         // the reason why the predictor cannot be computed
	shared    bool          // later jobs read the predictions of this job
	counts    *PredictionCounts
	last      bool // this is the last job of the predictor
	data      *predictorData
	kept      []hmis.DataValue // the predictions so far, if the job is shared
}

// A predictorTask is one block of org units for a job.
type predictorTask struct {
	of          *queuedJob
	first, size int
	last        bool // this is the last task of the job
}

// tasksAtOnce is how many blocks per goroutine are computed before their values
// are yielded.
const tasksAtOnce = 4

// add adds a job to the queue. It computes all queued jobs if there are many,
// or if later jobs need their results. more is false if yield returned false.
func (q *predictorQueue) add(j queuedJob) (more bool, err error) {
	q.waiting = append(q.waiting, j)
	if j.shared || len(q.waiting) >= tasksAtOnce*workers(q.run.Workers) {
		return q.flush()
	}
	return true, nil
}

// flush computes all queued jobs and yields their values in order.
func (q *predictorQueue) flush() (more bool, err error) {
	jobs := q.waiting
	q.waiting = nil
	err = parallel(q.run.ctx, q.run.Workers, len(jobs), func() func(int) error {
		return func(i int) (err error) {
			if job := jobs[i].job; job != nil && len(job.units) > 0 && len(job.outs) > 0 {
				jobs[i].data, err = q.run.load(job)
			}
			return err
		}
	})
	if err != nil {
		return false, err
	}
	var tasks []predictorTask
	for i := range jobs {
		tasks = append(tasks, jobs[i].tasks()...)
	}
	for window := range slices.Chunk(tasks, tasksAtOnce*workers(q.run.Workers)) {
		if more, err := q.compute(window); err != nil || !more {
			return false, err
		}
	}
	return true, nil
}

// tasks returns the tasks of a job. A job without data has a single empty task.
func (j *queuedJob) tasks() []predictorTask {
	if j.data == nil || len(j.job.units) == 0 {
		return []predictorTask{{of: j, last: true}}
	}
	var list []predictorTask
	units, size := len(j.job.units), j.data.blockSize()
	for first := 0; first < units; first += size {
		n := min(size, units-first)
		list = append(list, predictorTask{of: j, first: first, size: n, last: first+n == units})
	}
	return list
}

// compute computes tasks and yields their values.
func (q *predictorQueue) compute(tasks []predictorTask) (more bool, err error) {
	for len(q.results) < len(tasks) {
		q.results = append(q.results, predicted{})
	}
	err = parallel(q.run.ctx, q.run.Workers, len(tasks), func() func(int) error {
		p := q.predictor()
		return func(i int) error {
			q.results[i] = predicted{values: q.results[i].values[:0]}
			t := &tasks[i]
			if t.size == 0 {
				return nil
			}
			if p.predictorData != t.of.data {
				p.start(t.of.data)
			}
			return p.block(t.first, t.size, &q.results[i])
		}
	})
	q.idle = append(q.idle, q.busy...)
	q.busy = q.busy[:0]
	if err != nil {
		return false, err
	}
	for i := range tasks {
		if more, err := q.pass(&tasks[i], &q.results[i]); err != nil || !more {
			return false, err
		}
	}
	return true, nil
}

// predictor returns a predictor for one goroutine.
func (q *predictorQueue) predictor() *predictor {
	q.mu.Lock()
	defer q.mu.Unlock()
	var p *predictor
	if n := len(q.idle); n > 0 {
		p, q.idle = q.idle[n-1], q.idle[:n-1]
	} else {
		p = newPredictor(q.run)
	}
	q.busy = append(q.busy, p)
	return p
}

// pass yields the values of a task. After the last task of a job it also
// finishes the job.
func (q *predictorQueue) pass(t *predictorTask, result *predicted) (more bool, err error) {
	j := t.of
	if err := cmp.Or(j.err, result.failure); err != nil {
		if err := q.run.reject(j.predictor, err); err != nil {
			return false, err
		}
	}
	for i := range result.values {
		if !q.yield(result.values[i]) {
			return false, nil
		}
	}
	if j.shared {
		j.kept = append(j.kept, result.values...)
	}
	if j.counts != nil {
		j.counts.add(result.counts)
	}
	if !t.last {
		return true, nil
	}
	if len(j.kept) > 0 {
		if q.run.cube, err = q.run.cube.With(q.run.ctx, streamOf(j.kept), nil); err != nil {
			return false, err
		}
	}
	if j.last && q.run.Done != nil {
		q.run.Done(j.predictor.ID, *j.counts)
	}
	return true, nil
}

func streamOf(values []hmis.DataValue) iter.Seq2[hmis.DataValue, error] {
	return func(yield func(hmis.DataValue, error) bool) {
		for _, v := range values {
			if !yield(v, nil) {
				return
			}
		}
	}
}

func (c *PredictionCounts) add(d PredictionCounts) {
	c.Inserted += d.Inserted
	c.Updated += d.Updated
	c.Unchanged += d.Unchanged
	c.Deleted += d.Deleted
}
