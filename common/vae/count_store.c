/* count_store.c - the counts of all cells; see count_store.h. */
#include "base/util.h"

#include <math.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/outfile.h"
#include "matrix/logexp.h"
#include "vae/count_store.h"

struct pair {
	uint32_t gene;
	float count;
};

struct count_store {
	size_t n_genes, limit;
	size_t n, cap;
	uint64_t *starts; /* n + 1: in pairs */
	double *totals;
	size_t cap_totals;
	struct pair *pairs; /* those not in the file */
	size_t n_pairs, cap_pairs;
	int fd; /* -1: all in memory */
	uint64_t n_spilled;
	size_t n_fractions;
	bool signs; /* keep 1 for every value above 0 */
};

static struct count_store *store_new(size_t n_genes, size_t limit)
{
	struct count_store *s;

	MEM_ZERO(s, 1);
	s->n_genes = n_genes;
	s->limit = limit;
	s->fd = -1;
	MEM_GROW(s->starts, 1, s->cap);
	s->starts[0] = 0;
	return s;
}

void count_store_free(struct count_store *s)
{
	if (!s)
		return;
	if (s->fd >= 0)
		close(s->fd);
	free(s->starts);
	free(s->totals);
	free(s->pairs);
	free(s);
}

size_t count_store_n(const struct count_store *s)
{
	return s->n;
}

size_t count_store_n_fractions(const struct count_store *s)
{
	return s->n_fractions;
}

double count_store_total(const struct count_store *s, size_t cell)
{
	return s->totals[cell];
}

/* What is in memory goes to the file. */
static int spill(struct count_store *s, struct err *err)
{
	if (s->fd < 0)
		s->fd = scratch_open(NULL, err);
	if (s->fd < 0)
		return -1;
	if (write_at(s->fd, s->pairs, s->n_pairs * sizeof(*s->pairs),
		     s->n_spilled * sizeof(*s->pairs)))
		return err_errno(err, "scratch file of counts");
	s->n_spilled += s->n_pairs;
	s->n_pairs = 0;
	return 0;
}

static int add_cell(struct count_store *s, const struct cells *block, size_t i, struct err *err)
{
	double total = 0;
	bool fraction = false;

	for (size_t k = block->starts[i]; k < block->starts[i + 1]; k++) {
		float x = block->values[k];

		if (x < 0)
			return err_set(err, "cell %zu holds %g: counts are not negative",
				       block->first + i + 1, (double)x);
		if (x == 0)
			continue;
		if (s->signs)
			x = 1;
		fraction |= x != floorf(x);
		total += (double)x;
		s->pairs[s->n_pairs++] = (struct pair){block->genes[k], x};
	}
	s->n_fractions += fraction;
	MEM_GROW(s->starts, s->n + 2, s->cap);
	MEM_GROW(s->totals, s->n + 1, s->cap_totals);
	s->totals[s->n++] = total;
	s->starts[s->n] = s->n_spilled + s->n_pairs;
	return 0;
}

static int store_add(struct count_store *s, const struct cells *block, struct err *err)
{
	MEM_GROW(s->pairs, s->n_pairs + cells_stored(block), s->cap_pairs);
	for (size_t i = 0; i < block->n_cells; i++)
		if (add_cell(s, block, i, err))
			return -1;
	return s->n_pairs * sizeof(*s->pairs) > s->limit ? spill(s, err) : 0;
}

/* Takes the store and the stream over. */
static struct count_store *fill(struct count_store *s, struct stream *cells, struct err *err)
{
	struct cells *block;
	int got = -1;

	while (cells && (got = stream_next(cells, &block, err)) > 0)
		if (store_add(s, block, err)) {
			got = -1;
			break;
		}
	stream_free(cells);
	if (got == 0)
		return s;
	count_store_free(s);
	return NULL;
}

struct count_store *count_store_of(struct stream *cells, size_t n_genes, size_t limit,
				   struct err *err)
{
	return fill(store_new(n_genes, limit), cells, err);
}

struct count_store *count_store_signs(struct stream *cells, size_t n_genes, size_t limit,
				      struct err *err)
{
	struct count_store *s = store_new(n_genes, limit);

	s->signs = true;
	return fill(s, cells, err);
}

/* ---- fetching ---- */

void fetched_release(struct fetched *f)
{
	free(f->starts);
	free(f->column);
	free(f->batch);
	free(f->label);
	free(f->count);
	free(f->input);
	free(f->library);
	free(f->first);
	free(f->number);
	free(f->raw);
	*f = (struct fetched){0};
}

static void reserve(struct fetched *f, size_t n, size_t stored, size_t n_hidden)
{
	if (n > f->cap || stored > f->cap_stored) {
		size_t cells = MAX(n, f->cap), room = MAX(stored + stored / 4, f->cap_stored);

		fetched_release(f);
		f->cap = cells;
		f->cap_stored = room;
		MEM_ZERO(f->starts, cells + 1);
		MEM_ZERO(f->batch, cells);
		MEM_ZERO(f->label, cells);
		MEM_ZERO(f->library, cells);
		MEM_ZERO(f->number, cells);
		MEM_ZERO(f->column, room);
		MEM_ZERO(f->count, room);
		MEM_ZERO(f->input, room);
		f->raw = mem_alloc(room, sizeof(struct pair));
	}
	if (n_hidden && !f->first)
		f->first = mem_vectors(f->cap * n_hidden, sizeof(*f->first));
}

/* A cell's pairs, from memory or the file. */
static const struct pair *pairs_of(struct count_store *s, size_t cell, struct pair *room,
				   struct err *err)
{
	uint64_t from = s->starts[cell];
	size_t n = (size_t)(s->starts[cell + 1] - from);

	if (from >= s->n_spilled)
		return s->pairs + (from - s->n_spilled);
	if (read_at(s->fd, room, n * sizeof(*room), from * sizeof(*room)) == 0)
		return room;
	err_errno(err, "scratch file of counts");
	return NULL;
}

static void unpack(struct fetched *f, const struct pair *pairs, size_t at, size_t n, bool plain)
{
	for (size_t k = 0; k < n; k++) {
		f->column[at + k] = pairs[k].gene;
		f->count[at + k] = (real)pairs[k].count;
	}
#ifdef NN_DOUBLE
	for (size_t k = at; k < at + n; k++)
		f->input[k] = plain ? f->count[k] : log1p(f->count[k]);
#else
	memcpy(f->input + at, f->count + at, n * sizeof(*f->input));
	if (!plain)
		log1p_scaled(f->input + at, n, 1);
#endif
}

int count_store_fetch(struct count_store *s, const uint32_t *cells, size_t n,
		      const struct cell_facts *facts, bool plain, struct fetched *f,
		      struct err *err)
{
	size_t stored = 0, width = facts->first ? facts->n_hidden : 0;

	for (size_t i = 0; i < n; i++)
		stored += (size_t)(s->starts[cells[i] + 1] - s->starts[cells[i]]);
	reserve(f, n, stored, width);
	f->starts[0] = 0;
	for (size_t i = 0; i < n; i++) {
		size_t cell = cells[i], at = f->starts[i];
		const struct pair *pairs = pairs_of(s, cell, f->raw, err);

		if (!pairs)
			return -1;
		f->starts[i + 1] = at + (size_t)(s->starts[cell + 1] - s->starts[cell]);
		unpack(f, pairs, at, f->starts[i + 1] - at, plain);
		f->library[i] = (real)s->totals[cell];
		f->batch[i] = facts->batch[cell];
		f->label[i] = facts->label ? facts->label[cell] : 0;
		f->number[i] = cell;
		if (width)
			memcpy(f->first + i * width, facts->first + cell * width,
			       width * sizeof(real));
	}
	f->cells = (struct vae_cells){.n = n,
				      .counts = {n, NULL, f->starts, f->column, f->count},
				      .input = f->input,
				      .library = f->library,
				      .batch = f->batch,
				      .label = facts->label ? f->label : NULL,
				      .number = f->number,
				      .first = width ? f->first : NULL};
	return 0;
}
