/* rank_sums.c - values dealt into buckets of genes, sorted, and swept once for all groups. */
#include "base/util.h"

#include <math.h>
#include <pthread.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/mem.h"
#include "base/outfile.h"
#include "expression/rank_sums.h"

#define SLAB_GENES ((size_t)64)
#define SLAB_VALUES ((size_t)1 << 23) /* at most so many in a bucket: 64 MiB, twice to sort */
#define FEWEST_WAITING ((size_t)512)
#define GROUP_BITS 26
#define GROUP_MASK (((uint64_t)1 << GROUP_BITS) - 1)
#define KEY_SHIFT GROUP_BITS
#define GENE_SHIFT (GROUP_BITS + 32)
#define DIGIT_BITS 10
#define N_DIGITS ((size_t)1 << DIGIT_BITS)
#define ZERO_KEY ((uint32_t)0x80000000)
#define NO_EXTENT UINT32_MAX

/* A run of values of one bucket in the temporary file. */
struct rank_extent {
	uint64_t first;
	uint32_t n, next;
};

struct rank_bucket {
	uint64_t *waiting;
	size_t n_waiting, cap_waiting;
	uint64_t n_written;
	uint32_t first_extent, last_extent;
};

struct rank_spool {
	int fd; /* -1 until it is needed */
	size_t slab, most_waiting, n_buckets;
	struct rank_bucket *buckets;
	struct rank_extent *extents;
	size_t n_extents, cap_extents;
	uint64_t n_written;
};

struct rank_sums *rank_sums_new(size_t n_groups, size_t n_genes, size_t n_cells, size_t memory,
				struct err *err)
{
	struct rank_sums *r;
	struct rank_spool *s;

	if (n_groups >= RANK_MOST_GROUPS)
		return err_null(err, "%zu groups are more than can be ranked (%zu)", n_groups,
				RANK_MOST_GROUPS);
	MEM_ZERO(r, 1);
	MEM_ZERO(s, 1);
	r->n_groups = n_groups;
	r->n_genes = n_genes;
	r->spool = s;
	MEM_ZERO(r->n_cells, n_groups + 1);
	s->fd = -1;
	s->slab = MIN(SLAB_GENES, MAX(1, SLAB_VALUES / MAX(1, n_cells)));
	s->n_buckets = (n_genes + s->slab - 1) / s->slab;
	s->most_waiting = MAX(FEWEST_WAITING, memory / 8 / MAX(1, s->n_buckets));
	MEM_ZERO(s->buckets, s->n_buckets);
	for (size_t i = 0; i < s->n_buckets; i++)
		s->buckets[i].first_extent = s->buckets[i].last_extent = NO_EXTENT;
	return r;
}

static void spool_release(struct rank_spool *s)
{
	if (!s)
		return;
	if (s->fd >= 0)
		close(s->fd);
	for (size_t i = 0; i < s->n_buckets; i++)
		free(s->buckets[i].waiting);
	free(s->buckets);
	free(s->extents);
	free(s);
}

void rank_sums_free(struct rank_sums *r)
{
	if (!r)
		return;
	spool_release(r->spool);
	free(r->n_cells);
	free(r->u);
	free(r->ties);
	free(r);
}

/* ---- in ---- */

static int bucket_flush(struct rank_spool *s, struct rank_bucket *b, struct err *err)
{
	if (s->fd < 0 && (s->fd = scratch_open(NULL, err)) < 0)
		return -1;
	if (write_at(s->fd, b->waiting, b->n_waiting * 8, s->n_written * 8))
		return err_errno(err,
				 "temporary file for the ranks: cannot be written (TMPDIR says "
				 "where it goes)");
	if (s->n_extents >= NO_EXTENT)
		return err_set(err, "the matrix has more values than can be sorted");
	uint32_t id = (uint32_t)s->n_extents;
	MEM_GROW(s->extents, s->n_extents + 1, s->cap_extents);
	s->extents[s->n_extents++] =
		(struct rank_extent){s->n_written, (uint32_t)b->n_waiting, NO_EXTENT};
	if (b->first_extent == NO_EXTENT)
		b->first_extent = id;
	else
		s->extents[b->last_extent].next = id;
	b->last_extent = id;
	b->n_written += b->n_waiting;
	s->n_written += b->n_waiting;
	b->n_waiting = 0;
	return 0;
}

/* Numbers in the order of the values they stand for. */
static inline uint32_t key_of(float value)
{
	uint32_t bits;

	memcpy(&bits, &value, sizeof(bits));
	return bits & ZERO_KEY ? ~bits : bits | ZERO_KEY;
}

static int bucket_add(struct rank_spool *s, struct rank_bucket *b, uint64_t packed, struct err *err)
{
	if (b->n_waiting == b->cap_waiting) {
		if (b->cap_waiting == s->most_waiting) {
			if (bucket_flush(s, b, err))
				return -1;
		} else {
			b->cap_waiting = MIN(s->most_waiting, MAX(64, 2 * b->cap_waiting));
			b->waiting = mem_resize(b->waiting, b->cap_waiting, sizeof(*b->waiting));
		}
	}
	b->waiting[b->n_waiting++] = packed;
	return 0;
}

int rank_sums_add(struct rank_sums *r, const struct cells *block, const uint32_t *group_of,
		  struct err *err)
{
	struct rank_spool *s = r->spool;

	for (size_t cell = 0; cell < block->n_cells; cell++) {
		uint32_t of = group_of[block->first + cell];
		size_t group = of == UINT32_MAX ? r->n_groups : of;

		r->n_cells[group]++;
		for (size_t i = block->starts[cell]; i < block->starts[cell + 1]; i++) {
			uint32_t gene = block->genes[i];
			float value = block->values[i];
			if (value == 0)
				continue;
			if (bucket_add(s, &s->buckets[gene / s->slab],
				       (uint64_t)(gene % s->slab) << GENE_SHIFT |
					       (uint64_t)key_of(value) << KEY_SHIFT | group,
				       err))
				return -1;
		}
	}
	return 0;
}

/* ---- out ---- */

/* All values of a bucket; the caller frees. NULL when the file cannot be read. */
static uint64_t *bucket_take(const struct rank_spool *s, struct rank_bucket *b, size_t *n)
{
	uint64_t *all, *to;

	*n = b->n_written + b->n_waiting;
	MEM_ARRAY(all, *n + 1);
	to = all;
	for (uint32_t e = b->first_extent; e != NO_EXTENT; e = s->extents[e].next) {
		const struct rank_extent *x = &s->extents[e];
		if (read_at(s->fd, to, (size_t)x->n * 8, x->first * 8)) {
			free(all);
			return NULL;
		}
		to += x->n;
	}
	if (b->n_waiting)
		memcpy(to, b->waiting, b->n_waiting * 8);
	free(b->waiting);
	b->waiting = NULL;
	b->n_waiting = b->cap_waiting = 0;
	return all;
}

/* Sort by gene and value; the result is in 'a'. 'b' is room for as many. */
static void radix_sort(uint64_t *a, uint64_t *b, size_t n)
{
	uint64_t *from = a, *to = b;

	for (unsigned shift = KEY_SHIFT; shift < 64; shift += DIGIT_BITS) {
		size_t at[N_DIGITS] = {0}, sum = 0;
		for (size_t i = 0; i < n; i++)
			at[from[i] >> shift & (N_DIGITS - 1)]++;
		if (at[from[0] >> shift & (N_DIGITS - 1)] == n)
			continue;
		for (size_t d = 0; d < N_DIGITS; d++) {
			size_t here = at[d];
			at[d] = sum;
			sum += here;
		}
		for (size_t i = 0; i < n; i++)
			to[at[from[i] >> shift & (N_DIGITS - 1)]++] = from[i];
		uint64_t *other = from;
		from = to;
		to = other;
	}
	if (from != a)
		memcpy(a, from, n * sizeof(*a));
}

/* One gene being swept from its lowest value up. */
struct sweep {
	const struct rank_sums *r;
	double *sums;         /* per group: of ranks, or of pairs with the reference */
	long double *ties;    /* per group, with a reference: what it adds to 'base' */
	long double base;     /* of all blocks, or of the reference's cells in them */
	size_t *zeros, *tied; /* per group: cells with 0; cells in the block at hand */
	uint32_t *touched;
	double below, below_reference;
};

static inline long double cube_less(double t)
{
	return (long double)t * t * t - t;
}

/* A block of equal values: tied[g] cells of each group, 'n_touched' groups of them in touched[]. */
static void sweep_block(struct sweep *w, size_t n, size_t n_touched)
{
	size_t reference = w->r->reference;
	double tied_reference = reference == RANK_REST ? 0 : (double)w->tied[reference];

	for (size_t i = 0; i < n_touched; i++) {
		uint32_t g = w->touched[i];
		double here = (double)w->tied[g];
		if (reference == RANK_REST) {
			w->sums[g] += here * (w->below + ((double)n + 1) / 2);
			continue;
		}
		w->sums[g] += here * (w->below_reference + tied_reference / 2);
		w->ties[g] += cube_less(here + tied_reference) - cube_less(tied_reference);
	}
	if (reference == RANK_REST)
		w->base += cube_less((double)n);
	else
		w->base += cube_less(tied_reference);
	w->below += (double)n;
	w->below_reference += tied_reference;
	for (size_t i = 0; i < n_touched; i++)
		w->tied[w->touched[i]] = 0;
}

/* Values of one gene from 'v' to 'end', rising. */
static void sweep_values(struct sweep *w, const uint64_t *v, const uint64_t *end)
{
	while (v < end) {
		size_t n = 0, n_touched = 0;
		uint64_t value = *v >> KEY_SHIFT;

		/* most values stand alone */
		if (w->r->reference == RANK_REST && (v + 1 == end || v[1] >> KEY_SHIFT != value)) {
			w->below++;
			w->sums[*v++ & GROUP_MASK] += w->below;
			continue;
		}
		for (; v < end && *v >> KEY_SHIFT == value; v++, n++) {
			uint32_t g = (uint32_t)(*v & GROUP_MASK);
			if (w->tied[g]++ == 0)
				w->touched[n_touched++] = g;
		}
		sweep_block(w, n, n_touched);
	}
}

static void sweep_zeros(struct sweep *w)
{
	size_t n = 0, n_touched = 0;

	for (size_t g = 0; g <= w->r->n_groups; g++) {
		if (w->zeros[g] == 0)
			continue;
		w->tied[g] = w->zeros[g];
		w->touched[n_touched++] = (uint32_t)g;
		n += w->zeros[g];
	}
	if (n)
		sweep_block(w, n, n_touched);
}

static void sweep_keep(const struct sweep *w, size_t gene)
{
	const struct rank_sums *r = w->r;
	bool rest = r->reference == RANK_REST;

	for (size_t g = 0; g < r->n_groups; g++) {
		double n = (double)r->n_cells[g];
		r->u[g * r->n_genes + gene] = w->sums[g] - (rest ? n * (n + 1) / 2 : 0);
		if (!rest)
			r->ties[g * r->n_genes + gene] = (double)(w->base + w->ties[g]);
	}
	if (rest)
		r->ties[gene] = (double)w->base;
}

static void sweep_gene(struct sweep *w, size_t gene, const uint64_t *v, const uint64_t *end)
{
	const uint64_t *positive = v;
	size_t n_groups = w->r->n_groups + 1;

	memset(w->sums, 0, n_groups * sizeof(*w->sums));
	memset(w->ties, 0, n_groups * sizeof(*w->ties));
	memcpy(w->zeros, w->r->n_cells, n_groups * sizeof(*w->zeros));
	w->below = w->below_reference = 0;
	w->base = 0;
	for (const uint64_t *i = v; i < end; i++)
		w->zeros[*i & GROUP_MASK]--;
	while (positive < end && (uint32_t)(*positive >> KEY_SHIFT) < ZERO_KEY)
		positive++;
	sweep_values(w, v, positive);
	sweep_zeros(w);
	sweep_values(w, positive, end);
	sweep_keep(w, gene);
}

struct finishing {
	struct rank_sums *r;
	size_t first; /* bucket of part 0 */
	pthread_mutex_t lock;
	bool failed;
	struct err *err;
};

static void fail(struct finishing *f)
{
	pthread_mutex_lock(&f->lock);
	if (!f->failed)
		err_errno(f->err, "temporary file for the ranks: cannot be read");
	f->failed = true;
	pthread_mutex_unlock(&f->lock);
}

static void sweep_bucket(const struct rank_sums *r, size_t bucket, const uint64_t *v, size_t n)
{
	size_t n_groups = r->n_groups + 1, first = bucket * r->spool->slab;
	size_t last = MIN(first + r->spool->slab, r->n_genes);
	const uint64_t *end = v + n;
	struct sweep w = {.r = r};

	MEM_ARRAY(w.sums, n_groups);
	MEM_ARRAY(w.ties, n_groups);
	MEM_ARRAY(w.zeros, n_groups);
	MEM_ZERO(w.tied, n_groups);
	MEM_ARRAY(w.touched, n_groups);
	for (size_t gene = first; gene < last; gene++) {
		const uint64_t *stop = v;
		while (stop < end && *stop >> GENE_SHIFT == gene - first)
			stop++;
		sweep_gene(&w, gene, v, stop);
		v = stop;
	}
	free(w.sums);
	free(w.ties);
	free(w.zeros);
	free(w.tied);
	free(w.touched);
}

static void finish_bucket(void *arg, size_t part)
{
	struct finishing *f = arg;
	size_t bucket = f->first + part, n;
	uint64_t *values = bucket_take(f->r->spool, &f->r->spool->buckets[bucket], &n), *room;

	if (!values) {
		fail(f);
		return;
	}
	MEM_ARRAY(room, n + 1);
	if (n)
		radix_sort(values, room, n);
	free(room);
	sweep_bucket(f->r, bucket, values, n);
	free(values);
}

int rank_sums_finish(struct rank_sums *r, size_t reference, struct pool *pool,
		     void (*heard)(void *arg, size_t genes), void *arg, struct err *err)
{
	struct finishing f = {.r = r, .err = err};
	size_t at_once = 8 * pool_size(pool), n = r->spool->n_buckets;

	r->reference = reference;
	r->u = mem_alloc(mem_product(r->n_groups, r->n_genes), sizeof(*r->u));
	r->ties = mem_alloc(mem_product(reference == RANK_REST ? 1 : r->n_groups, r->n_genes),
			    sizeof(*r->ties));
	pthread_mutex_init(&f.lock, NULL);
	for (; f.first < n && !f.failed; f.first += at_once) {
		pool_run(pool, MIN(at_once, n - f.first), finish_bucket, &f);
		if (heard)
			heard(arg, MIN((f.first + at_once) * r->spool->slab, r->n_genes));
	}
	pthread_mutex_destroy(&f.lock);
	spool_release(r->spool);
	r->spool = NULL;
	return f.failed ? -1 : 0;
}
