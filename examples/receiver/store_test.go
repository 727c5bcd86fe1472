package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/ohie-hmis/hmis-go/adx"
	"github.com/ohie-hmis/hmis-go/hmis"
	"github.com/ohie-hmis/hmis-go/hmis/entry"
	"github.com/ohie-hmis/hmis-go/period"
)

// country returns two org units that report ten data elements a month.
func country(t testing.TB) *hmis.Catalog {
	md := hmis.Metadata{
		OrgUnits: []hmis.OrgUnit{{ID: "ouA", Code: "A"}, {ID: "ouB", Code: "B"}},
		DataSets: []hmis.DataSet{{ID: "ds", Code: "DS", PeriodType: period.Monthly}},
	}
	for i := range 10 {
		id := hmis.UID(fmt.Sprint("de", i))
		md.DataElements = append(md.DataElements, hmis.DataElement{ID: id, Code: fmt.Sprint("E", i)})
		md.DataSets[0].Elements = append(md.DataSets[0].Elements, hmis.DataSetElement{DataElement: id})
	}
	c, err := hmis.NewCatalog(md)
	require.NoError(t, err)
	return c
}

// message returns a message with one number for each element of both units.
func message(number int) string {
	var b strings.Builder
	b.WriteString(`<adx xmlns="urn:ihe:qrph:adx:2015" exported="2026-02-05T08:15:00Z">`)
	for _, unit := range []string{"A", "B"} {
		fmt.Fprintf(&b, `<group dataSet="DS" orgUnit="%s" period="2026-01-01/P1M" completeDate="2026-02-0%d">`, unit, number)
		for i := range 10 {
			fmt.Fprintf(&b, `<dataValue dataElement="E%d" value="%d"/>`, i, number)
		}
		b.WriteString(`</group>`)
	}
	b.WriteString(`</adx>`)
	return b.String()
}

// content returns all rows of a database.
func content(t *testing.T, file string) (rows []string) {
	db, err := openDatabase(file)
	require.NoError(t, err)
	defer db.Close()
	for _, query := range []string{`SELECT unit || ' ' || element || ' ' || value FROM data_value ORDER BY 1`, `SELECT unit || ' complete ' || substr(at, 1, 10) FROM completion ORDER BY 1`} {
		list, err := db.Query(query)
		require.NoError(t, err)
		for list.Next() {
			var row string
			require.NoError(t, list.Scan(&row))
			rows = append(rows, row)
		}
		require.NoError(t, list.Close())
	}
	return rows
}

// expected returns the rows of a database after message(number).
func expected(number int) (rows []string) {
	for _, unit := range []string{"ouA", "ouB"} {
		for i := range 10 {
			rows = append(rows, fmt.Sprintf("%s de%d %d", unit, i, number))
		}
	}
	for _, unit := range []string{"ouA", "ouB"} {
		rows = append(rows, fmt.Sprintf("%s complete 2026-02-0%d", unit, number))
	}
	return rows
}

// importInto imports a message in batches of a few values.
func importInto(ctx context.Context, t testing.TB, s entry.Store, doc string) (*adx.Report, error) {
	im := adx.Import{Mapper: adx.Mapper{Catalog: country(t)}, Store: s, Atomic: true, Batch: 4}
	return im.Run(ctx, adx.NewReader(strings.NewReader(doc)))
}

// A lethal store kills its process before or after one of its calls.
type lethal struct {
	entry.Store
	left int // calls until then
}

func (l *lethal) step() {
	if l.left--; l.left < 0 {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		time.Sleep(time.Minute)
	}
}

func (l *lethal) Begin(ctx context.Context) (entry.Tx, error) {
	l.step()
	tx, err := l.Store.Begin(ctx)
	l.step()
	return lethalTx{tx, l}, err
}

type lethalTx struct {
	entry.Tx
	of *lethal
}

func (tx lethalTx) Stored(ctx context.Context, keys []hmis.Key) (map[hmis.Key]hmis.DataValue, error) {
	tx.of.step()
	defer tx.of.step()
	return tx.Tx.Stored(ctx, keys)
}

func (tx lethalTx) Put(ctx context.Context, values []hmis.DataValue) error {
	tx.of.step()
	defer tx.of.step()
	return tx.Tx.Put(ctx, values)
}

func (tx lethalTx) Complete(ctx context.Context, done []hmis.Completion) error {
	tx.of.step()
	defer tx.of.step()
	return tx.Tx.Complete(ctx, done)
}

func (tx lethalTx) Commit(ctx context.Context) error {
	tx.of.step()
	defer tx.of.step()
	return tx.Tx.Commit(ctx)
}

// TestCrash kills the process of an import before and after every call of the
// store. Then either all or nothing of the message is stored, and all of it if
// it was acknowledged. The same message can be sent again.
func TestCrash(t *testing.T) {
	if at := os.Getenv("CRASH_AT"); at != "" {
		crash(t, at)
		return
	}
	before, after := expected(1), expected(2)
	outcomes := map[string]int{}
	for at := 0; ; at++ {
		file := filepath.Join(t.TempDir(), "values.db")
		db, err := openDatabase(file)
		require.NoError(t, err)
		_, err = importInto(t.Context(), t, db, message(1))
		require.NoError(t, err)
		require.NoError(t, db.Close())
		require.Equal(t, before, content(t, file))

		child := exec.Command(os.Args[0], "-test.run=^TestCrash$")
		child.Env = append(os.Environ(), "CRASH_AT="+strconv.Itoa(at), "CRASH_DB="+file)
		out, err := child.CombinedOutput()
		acknowledged := strings.Contains(string(out), "acknowledged")
		got := content(t, file)
		switch {
		case err == nil: // the process has survived all calls
			require.True(t, acknowledged, string(out))
			require.Equal(t, after, got)
			require.Positive(t, outcomes["nothing"])
			require.Positive(t, outcomes["all"], "it was killed after Commit too")
			require.Greater(t, at, 20, "these are few steps")
			return
		case acknowledged:
			t.Fatalf("step %d: acknowledged before the last step: %s", at, out)
		case len(got) > 0 && got[0] == before[0]:
			require.Equal(t, before, got, "step %d", at)
			outcomes["nothing"]++
		default:
			require.Equal(t, after, got, "step %d", at)
			outcomes["all"]++
		}

		db, err = openDatabase(file)
		require.NoError(t, err)
		report, err := importInto(t.Context(), t, db, message(2)) // the sender tries again
		require.NoError(t, err)
		require.Equal(t, "SUCCESS", report.Status())
		require.NoError(t, db.Close())
		require.Equal(t, after, content(t, file), "step %d", at)
	}
}

// crash runs in the process that is killed.
func crash(t *testing.T, at string) {
	steps, err := strconv.Atoi(at)
	require.NoError(t, err)
	db, err := openDatabase(os.Getenv("CRASH_DB"))
	require.NoError(t, err)
	_, err = importInto(t.Context(), t, &lethal{db, steps}, message(2))
	require.NoError(t, err)
	fmt.Println("acknowledged")
}

// Many messages at the same time can share the only connection.
func TestOneConnection(t *testing.T) {
	db, err := openDatabase(filepath.Join(t.TempDir(), "values.db"))
	require.NoError(t, err)
	defer db.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			report, err := importInto(ctx, t, db, message(1+i%3))
			if err != nil || report.Status() != "SUCCESS" {
				t.Errorf("%v, %v", report, err)
			}
		})
	}
	wg.Wait()
}

// An import that is refused or stopped leaves the database as it was.
func TestUndone(t *testing.T) {
	file := filepath.Join(t.TempDir(), "values.db")
	db, err := openDatabase(file)
	require.NoError(t, err)
	defer db.Close()
	_, err = importInto(t.Context(), t, db, message(1))
	require.NoError(t, err)
	_, err = importInto(t.Context(), t, db, strings.Replace(message(2), "</group></adx>", `<dataValue dataElement="?" value="1"/></group></adx>`, 1))
	require.ErrorIs(t, err, adx.ErrRejected)
	_, err = importInto(t.Context(), t, db, strings.TrimSuffix(message(2), "</group></adx>"))
	require.ErrorContains(t, err, "the input ends")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = importInto(ctx, t, db, message(2))
	require.ErrorIs(t, err, context.Canceled)
	require.NoError(t, db.Close())
	require.Equal(t, expected(1), content(t, file))
}
