/* storage_csc.c - pieces of a matrix stored by column: CSC, and dense in tall chunks.
 *
 * A first pass counts the stored values of every cell (8 bytes a cell are held), a second one
 * transposes. When the result is more than limits.transpose bytes, the second pass sorts the values
 * into buckets of consecutive cells in a scratch file, and each bucket is transposed in memory
 * by itself: two of them, one being read ahead, stay within the bound.
 *
 * Columns are read as rows by another storage, which checks them (storage_csr.c for CSC); picked
 * genes are its rows and picked cells its columns, so chunks that hold only other genes are not
 * touched.
 */
#include "base/util.h"

#include <unistd.h>

#include "base/fd.h"
#include "base/outfile.h"
#include "h5ad/storage/storage.h"

#define STORED_BYTES (sizeof(uint32_t) + sizeof(float))

struct record {
	uint32_t cell, gene;
	float value;
};

/* Cells [first, end), waiting in the scratch file from 'offset' on. */
struct bucket {
	size_t first, end;
	uint64_t offset;
	struct record *buffer;
	size_t n_buffer, n_written;
};

struct csc {
	struct storage base;
	struct task task;    /* cells x genes, as asked */
	struct task by_gene; /* genes x cells, as stored */
	size_t *genes;       /* genes picked, in file order; NULL for all */
	uint32_t *cell_map;  /* per cell of the file its place among the picked; NULL for all */
	storage_open *open;
	struct storage *columns;
	struct cells piece; /* of columns */
	bool begun;
	size_t *starts; /* n_rows + 1, of the transposed matrix */
	struct bucket *buckets;
	size_t n_buckets, next_bucket, buffer_records;
	int scratch;
};

/* ---- reading columns ---------------------------------------------------------------------- */

/* What is done with one piece of columns, whose first is number 'first' of those picked. */
typedef int use_columns(struct csc *s, const struct cells *columns, size_t first, void *arg,
			struct err *err);

static int each_piece(struct csc *s, use_columns *use, void *arg, struct err *err)
{
	size_t first = 0;
	int got = -1;

	s->columns = s->open(&s->by_gene, err);
	if (!s->columns)
		return -1;
	while ((got = s->columns->fill(s->columns, &s->piece, err)) > 0) {
		if (use(s, &s->piece, first, arg, err)) {
			got = -1;
			break;
		}
		first += s->piece.n_cells;
	}
	s->columns->free(s->columns);
	s->columns = NULL;
	return got;
}

/* The index that the i-th picked gene has in what is handed out. */
static uint32_t new_gene(const struct csc *s, size_t i)
{
	return s->task.pick.gene_map ? s->task.pick.gene_map[s->genes[i]] : (uint32_t)i;
}

/* ---- counting ----------------------------------------------------------------------------- */

static int count_cells(struct csc *s, const struct cells *columns, size_t first UNUSED,
		       void *arg UNUSED, struct err *err UNUSED)
{
	for (size_t i = 0; i < cells_stored(columns); i++)
		s->starts[columns->genes[i] + 1]++;
	return 0;
}

static int count(struct csc *s, struct err *err)
{
	size_t n = s->base.n_rows;

	MEM_ZERO(s->starts, n + 1);
	if (each_piece(s, count_cells, NULL, err))
		return -1;
	for (size_t i = 0; i < n; i++)
		s->starts[i + 1] += s->starts[i];
	return 0;
}

/* ---- transposing -------------------------------------------------------------------------- */

/* An empty piece for a bucket; 'places' says where the next value of each of its cells goes. */
static size_t *open_piece(const struct csc *s, const struct bucket *b, struct cells *piece)
{
	size_t n = b->end - b->first, base = s->starts[b->first];
	size_t *places;

	cells_reserve(piece, n, s->starts[b->end] - base);
	piece->n_cells = n;
	piece->n_genes = s->base.n_columns;
	for (size_t i = 0; i <= n; i++)
		piece->starts[i] = s->starts[b->first + i] - base;
	MEM_ARRAY(places, n + 1);
	memcpy(places, piece->starts, (n + 1) * sizeof(*places));
	return places;
}

struct placing {
	struct cells *piece;
	size_t *places;
};

static int place_columns(struct csc *s, const struct cells *columns, size_t first, void *arg,
			 struct err *err UNUSED)
{
	const struct placing *p = arg;

	for (size_t i = 0; i < columns->n_cells; i++) {
		uint32_t gene = new_gene(s, first + i);
		for (size_t j = columns->starts[i]; j < columns->starts[i + 1]; j++) {
			size_t place = p->places[columns->genes[j]]++;
			p->piece->genes[place] = gene;
			p->piece->values[place] = columns->values[j];
		}
	}
	return 0;
}

static int transpose_at_once(struct csc *s, struct cells *piece, struct err *err)
{
	struct placing p = {piece, open_piece(s, &s->buckets[0], piece)};
	int ret = each_piece(s, place_columns, &p, err);

	free(p.places);
	return ret;
}

/* ---- the scratch file --------------------------------------------------------------------- */

static int flush(struct csc *s, struct bucket *b, struct err *err)
{
	uint64_t at = b->offset + (uint64_t)b->n_written * sizeof(*b->buffer);

	if (write_at(s->scratch, b->buffer, b->n_buffer * sizeof(*b->buffer), at))
		return err_errno(err, "scratch file for %s: %s", s->task.file_name, s->task.path);
	b->n_written += b->n_buffer;
	b->n_buffer = 0;
	return 0;
}

static int bucket_columns(struct csc *s, const struct cells *columns, size_t first,
			  void *arg UNUSED, struct err *err)
{
	for (size_t i = 0; i < columns->n_cells; i++) {
		uint32_t gene = new_gene(s, first + i);
		struct bucket *b = s->buckets; /* cells rise, and so do the buckets */
		for (size_t j = columns->starts[i]; j < columns->starts[i + 1]; j++) {
			uint32_t cell = columns->genes[j];
			while (cell >= b->end)
				b++;
			b->buffer[b->n_buffer++] = (struct record){cell, gene, columns->values[j]};
			if (b->n_buffer == s->buffer_records && flush(s, b, err))
				return -1;
		}
	}
	return 0;
}

static int fill_buckets(struct csc *s, struct err *err)
{
	int ret;

	s->scratch = scratch_open(NULL, err);
	if (s->scratch < 0)
		return -1;
	s->buffer_records = MIN(MAX(((size_t)2 << 20) / s->n_buckets, (size_t)512), (size_t)16384);
	for (size_t i = 0; i < s->n_buckets; i++)
		MEM_ARRAY(s->buckets[i].buffer, s->buffer_records);
	ret = each_piece(s, bucket_columns, NULL, err);
	for (size_t i = 0; i < s->n_buckets; i++) {
		if (!ret)
			ret = flush(s, &s->buckets[i], err);
		free(s->buckets[i].buffer);
		s->buckets[i].buffer = NULL;
	}
	return ret;
}

static int read_records(struct csc *s, uint64_t at, void *out, size_t bytes, struct err *err)
{
	if (read_at(s->scratch, out, bytes, at))
		return err_errno(err, "scratch file for %s: %s", s->task.file_name, s->task.path);
	return 0;
}

static int transpose_bucket(struct csc *s, const struct bucket *b, struct cells *piece,
			    struct err *err)
{
	size_t *places = open_piece(s, b, piece), n = s->starts[b->end] - s->starts[b->first];
	struct record *records;
	int ret = 0;

	MEM_ARRAY(records, 16384);
	for (size_t done = 0; done < n && !ret;) {
		size_t run = MIN(n - done, (size_t)16384);
		ret = read_records(s, b->offset + (uint64_t)done * sizeof(*records), records,
				   run * sizeof(*records), err);
		for (size_t i = 0; i < run && !ret; i++) {
			size_t place = places[records[i].cell - b->first]++;
			piece->genes[place] = records[i].gene;
			piece->values[place] = records[i].value;
		}
		done += run;
	}
	free(records);
	free(places);
	return ret;
}

/* ---- filling ------------------------------------------------------------------------------ */

/* Consecutive cells with at most 'most' stored values each bucket, but at least one cell. */
static void plan_buckets(struct csc *s)
{
	size_t n = s->base.n_rows, all = s->starts[n], cap = 0;
	size_t most = all <= s->task.limits.transpose / STORED_BYTES
			      ? SIZE_MAX
			      : s->task.limits.transpose / STORED_BYTES / 2;

	for (size_t row = 0; row < n; row++) {
		struct bucket *last = s->n_buckets ? &s->buckets[s->n_buckets - 1] : NULL;
		if (!last || s->starts[row + 1] - s->starts[last->first] > most) {
			MEM_GROW(s->buckets, s->n_buckets + 1, cap);
			last = &s->buckets[s->n_buckets++];
			*last = (struct bucket){.first = row};
			last->offset = (uint64_t)s->starts[row] * sizeof(struct record);
		}
		last->end = row + 1;
	}
}

static int begin(struct csc *s, struct err *err)
{
	s->begun = true;
	if (count(s, err))
		return -1;
	s->by_gene.n_rounded = NULL; /* they have been counted */
	plan_buckets(s);
	return s->n_buckets > 1 ? fill_buckets(s, err) : 0;
}

/* Genes came in file order; new numbers may have put them out of it. */
static int put_in_order(const struct csc *s, struct cells *piece, struct err *err)
{
	struct task renamed = s->task;

	if (!s->task.pick.gene_map)
		return 0;
	renamed.n_columns = s->base.n_columns;
	renamed.pick = (struct pick){.cells = NULL};
	return piece_finish(piece, NULL, &renamed, err);
}

static int csc_fill(struct storage *storage, struct cells *piece, struct err *err)
{
	struct csc *s = (struct csc *)storage;

	if (!s->begun && begin(s, err))
		return -1;
	if (s->next_bucket == s->n_buckets)
		return 0;
	const struct bucket *b = &s->buckets[s->next_bucket++];
	int ret = s->n_buckets == 1 ? transpose_at_once(s, piece, err)
				    : transpose_bucket(s, b, piece, err);
	return ret || put_in_order(s, piece, err) ? -1 : 1;
}

/* ---- opening ------------------------------------------------------------------------------ */

static void csc_free(struct storage *storage)
{
	struct csc *s = (struct csc *)storage;

	if (s->scratch >= 0)
		close(s->scratch);
	cells_release(&s->piece);
	free(s->genes);
	free(s->cell_map);
	free(s->starts);
	free(s->buckets);
	free(s);
}

/* Picked genes as a list of rows, picked cells as a map of columns. */
static void turn_pick(struct csc *s)
{
	const struct pick *pick = &s->task.pick;
	size_t n_genes = s->task.n_columns, n_cells = s->task.n_rows;

	if (pick->gene_map) {
		MEM_ARRAY(s->genes, n_genes);
		s->by_gene.pick.cells = s->genes;
		for (size_t gene = 0; gene < n_genes; gene++)
			if (pick->gene_map[gene] != UINT32_MAX)
				s->genes[s->by_gene.pick.n_cells++] = gene;
	}
	if (pick->cells) {
		MEM_ARRAY(s->cell_map, n_cells);
		for (size_t cell = 0; cell < n_cells; cell++)
			s->cell_map[cell] = UINT32_MAX;
		for (size_t i = 0; i < pick->n_cells; i++)
			s->cell_map[pick->cells[i]] = (uint32_t)i;
		s->by_gene.pick.gene_map = s->cell_map;
		s->by_gene.pick.n_genes = pick->n_cells;
	}
}

struct storage *turned_storage(const struct task *task, storage_open *open, struct err *err)
{
	static const struct stream_limits limits = STREAM_LIMITS;
	struct csc *s = mem_zero(1, sizeof(*s));

	s->base = (struct storage){.fill = csc_fill,
				   .free = csc_free,
				   .n_rows = task_n_rows(task),
				   .n_columns = task_n_columns(task)};
	s->scratch = -1;
	s->open = open;
	s->task = *task;
	s->by_gene = *task;
	s->by_gene.n_rows = task->n_columns;
	s->by_gene.n_columns = task->n_rows;
	s->by_gene.row = task->column;
	s->by_gene.column = task->row;
	s->by_gene.pick = (struct pick){.cells = NULL};
	s->by_gene.limits = limits;
	turn_pick(s);
	/* Opened once now, so that a damaged frame is reported before anything is read. */
	struct storage *columns = open(&s->by_gene, err);
	if (!columns) {
		csc_free(&s->base);
		return NULL;
	}
	s->base.n_stored = columns->n_stored;
	columns->free(columns);
	return &s->base;
}

struct storage *csc_storage(const struct task *task, struct err *err)
{
	return turned_storage(task, csr_storage, err);
}
