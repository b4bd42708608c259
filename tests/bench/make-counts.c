/* make-counts - a single-cell file of any size, for benchmarks.
 *
 * Writes counts as a 10x run gives them: a few genes with most of the counts, cell types that
 * share most of their profile and differ in their markers, donors that shift genes a little, depths
 * that vary between cells. Labels are in obs: cell_type and donor. A cell draws its molecules one
 * by one from a mixture of its type's profile and a donor's, so counts are overdispersed as real
 * ones are. Types may come in families of siblings, with ambient molecules, doublets and wrong
 * labels (the right ones are then in obs as true_type). Files of one seed and different
 * --cells-seed are samples of the same types. Streams: memory does not grow with the cells. Same
 * options, same bytes.
 */
#include "base/util.h"

#include <math.h>

#include "base/opt.h"
#include "base/progress.h"
#include "base/rng.h"
#include "base/tool.h"
#include "format/lines.h"
#include "h5ad/writer.h"
#include "matrix/lognorm.h"

#define CELLS_A_BLOCK ((size_t)2048)
#define CELLS_A_PART ((size_t)32)

static struct opts {
	size_t cells, genes, types, donors, siblings, seed, cells_seed;
	double density, ambient, doublets, label_noise;
	bool lognorm, floats;
	const char *type_names, *compress, *output;
} o = {.cells = 50000,
       .genes = 20000,
       .types = 20,
       .donors = 8,
       .siblings = 1,
       .seed = 42,
       .density = 0.09,
       .compress = "none",
       .output = "-"};

/* clang-format off */
static const struct opt options[] = {
	OPT_SIZE("cells", 'n', cells, "N", "cells (50000)"),
	OPT_SIZE("genes", 'g', genes, "N", "genes (20000)"),
	OPT_SIZE("types", 'k', types, "N", "cell types (20)"),
	OPT_SIZE("donors", 0, donors, "N", "donors (8)"),
	OPT_SIZE("siblings", 0, siblings, "N", "types come in families of N that differ little (1)"),
	OPT_FLOAT("ambient", 0, ambient, "X", "share of molecules that come from the soup (0)"),
	OPT_FLOAT("doublets", 0, doublets, "X", "share of cells that are half of another type (0)"),
	OPT_FLOAT("label-noise", 0, label_noise, "X", "share of labels that are a sibling's (0)"),
	OPT_TEXT("type-names", 0, type_names, "FILE", "names of the types, one a line (cell_type_001...)"),
	OPT_FLOAT("density", 0, density, "X", "fraction of values stored (0.09)"),
	OPT_FLAG("lognorm", 0, lognorm, "write log1p of counts per 10,000 instead of counts"),
	OPT_FLAG("floats", 0, floats, "store counts as float32 instead of int32"),
	OPT_TEXT("compress", 0, compress, "HOW", "none, gzip[:1-9] or lzf (none)"),
	OPT_OUTPUT(output),
	OPT_SIZE("cells-seed", 0, cells_seed, "N", "other cells of the same types and donors (0)"),
	OPT_SEED(seed),
	OPT_THREADS, OPT_END
};
/* clang-format on */

/* Draws an index in constant time, by Walker's and Vose's alias method. */
struct alias {
	float *keep;
	uint32_t *other;
};

struct world {
	struct alias *types, *donors, soup;
	double *type_weight; /* running sums, the last is 1 */
	double depth;        /* molecules of a median cell */
};

struct block_job {
	const struct world *world;
	size_t first, n;
	struct cells *parts;     /* what each came to */
	int32_t *types, *donors; /* of all cells */
	int32_t *labels;         /* what they are said to be */
};

/* ---- profiles ----------------------------------------------------------------------------- */

static struct alias alias_of(const double *weights, size_t n)
{
	struct alias a;
	double *scaled, sum = 0;
	uint32_t *small, *large;
	size_t n_small = 0, n_large = 0;

	MEM_ARRAY(a.keep, n);
	MEM_ARRAY(a.other, n);
	MEM_ARRAY(scaled, n);
	MEM_ARRAY(small, n);
	MEM_ARRAY(large, n);
	for (size_t i = 0; i < n; i++)
		sum += weights[i];
	for (uint32_t i = 0; i < n; i++) {
		scaled[i] = weights[i] / sum * (double)n;
		a.keep[i] = 1;
		a.other[i] = i;
		if (scaled[i] < 1)
			small[n_small++] = i;
		else
			large[n_large++] = i;
	}
	while (n_small && n_large) {
		uint32_t s = small[--n_small], l = large[n_large - 1];
		a.keep[s] = (float)scaled[s];
		a.other[s] = l;
		scaled[l] -= 1 - scaled[s];
		if (scaled[l] < 1) {
			n_large--;
			small[n_small++] = l;
		}
	}
	free(scaled);
	free(small);
	free(large);
	return a;
}

static uint32_t alias_draw(const struct alias *a, size_t n, struct rng *rng)
{
	uint64_t x = rng_next(rng);
	uint32_t i = (uint32_t)((x >> 32) * n >> 32);
	float u = (float)(x & 0xffffff) * 0x1p-24f;

	return u < a->keep[i] ? i : a->other[i];
}

/* Genes a median cell of so many molecules has at least one of. */
static double genes_seen(const double *weights, double sum, size_t n, double depth)
{
	double seen = 0;

	for (size_t i = 0; i < n; i++)
		seen -= expm1(-depth * weights[i] / sum);
	return seen;
}

/* The depth at which the asked-for share of genes is seen. */
static double depth_for(const double *weights, size_t n, double density)
{
	double sum = 0, low = 1, high = 1e9;

	for (size_t i = 0; i < n; i++)
		sum += weights[i];
	for (int step = 0; step < 100; step++) {
		double middle = sqrt(low * high);
		if (genes_seen(weights, sum, n, middle) < density * (double)n)
			low = middle;
		else
			high = middle;
	}
	return low;
}

/* 'base' with every gene shifted a little and some a lot. */
static struct alias variant(const double *base, double *scratch, double shift, double markers,
			    struct rng *rng)
{
	for (size_t i = 0; i < o.genes; i++) {
		scratch[i] = base[i] * exp(shift * rng_normal(rng));
		if (rng_unit(rng) < markers)
			scratch[i] *= 8;
	}
	return alias_of(scratch, o.genes);
}

/* Types in families: siblings share a family's profile but for a few genes. */
static void make_families(struct world *w, const double *base, double *scratch, struct rng *rng)
{
	double *family;

	MEM_ARRAY(family, o.genes);
	for (size_t i = 0; i < o.types; i++) {
		if (i % o.siblings == 0) {
			struct alias a = variant(base, family, 0.3, 0.02, rng);

			free(a.keep);
			free(a.other);
		}
		w->types[i] = variant(family, scratch, 0.1, 0.003, rng);
	}
	free(family);
}

static struct world make_world(void)
{
	struct rng rng = rng_seeded(o.seed);
	struct world w;
	double *base, *scratch, sum = 0;

	MEM_ARRAY(base, o.genes);
	MEM_ARRAY(scratch, o.genes);
	MEM_ARRAY(w.types, o.types);
	MEM_ARRAY(w.donors, o.donors);
	MEM_ARRAY(w.type_weight, o.types);
	for (size_t i = 0; i < o.genes; i++)
		base[i] = exp(2 * rng_normal(&rng));
	w.depth = depth_for(base, o.genes, o.density);
	w.soup = alias_of(base, o.genes);
	if (o.siblings > 1)
		make_families(&w, base, scratch, &rng);
	for (size_t i = 0; i < o.types && o.siblings <= 1; i++)
		w.types[i] = variant(base, scratch, 0.3, 0.02, &rng);
	for (size_t i = 0; i < o.donors; i++)
		w.donors[i] = variant(base, scratch, 0.2, 0, &rng);
	for (size_t i = 0; i < o.types; i++)
		sum += exp(-2.5 * (double)i / (double)o.types);
	for (size_t i = 0; i < o.types; i++)
		w.type_weight[i] = exp(-2.5 * (double)i / (double)o.types) / sum +
				   (i ? w.type_weight[i - 1] : 0);
	free(base);
	free(scratch);
	return w;
}

/* ---- cells -------------------------------------------------------------------------------- */

static size_t draw_type(const struct world *w, struct rng *rng)
{
	double u = rng_unit(rng);
	size_t type = 0;

	while (type + 1 < o.types && u >= w->type_weight[type])
		type++;
	return type;
}

/* The label of a cell: its type, or now and then a sibling. */
static size_t draw_label(size_t type, struct rng *rng)
{
	size_t first = type - type % o.siblings, n = MIN(o.siblings, o.types - first);

	return rng_unit(rng) < o.label_noise ? first + rng_below(rng, n) : type;
}

/* Count the molecules of one cell in 'counts', all zero before and after. */
static void draw_cell(struct block_job *job, size_t cell, struct cells *out, uint32_t *counts)
{
	const struct world *w = job->world;
	struct rng rng = rng_seeded(mix64(o.seed ^ mix64(cell + 1) ^ o.cells_seed << 32));
	size_t type = draw_type(w, &rng), donor = rng_below(&rng, o.donors);
	double of_donor = 0.1 + 0.3 * rng_unit(&rng);
	size_t depth = (size_t)(w->depth * exp(0.35 * rng_normal(&rng))) + 1;
	size_t from_donor = (size_t)((double)depth * of_donor), at = out->starts[out->n_cells];
	size_t from_soup = from_donor + (size_t)((double)depth * o.ambient);
	size_t from_other = from_soup, other = type;

	if (o.doublets > 0 && rng_unit(&rng) < o.doublets) {
		other = draw_type(w, &rng);
		from_other += (depth - MIN(depth, from_soup)) / 2;
	}
	for (size_t i = 0; i < depth; i++)
		counts[alias_draw(i < from_donor   ? &w->donors[donor]
				  : i < from_soup  ? &w->soup
				  : i < from_other ? &w->types[other]
						   : &w->types[type],
				  o.genes, &rng)]++;
	size_t cap = out->cap_stored;
	MEM_GROW(out->genes, at + o.genes, cap);
	MEM_GROW(out->values, at + o.genes, out->cap_stored);
	for (uint32_t gene = 0; gene < o.genes; gene++) {
		if (!counts[gene])
			continue;
		out->genes[at] = gene;
		out->values[at++] = (float)counts[gene];
		counts[gene] = 0;
	}
	out->starts[++out->n_cells] = at;
	job->types[cell] = (int32_t)type;
	job->donors[cell] = (int32_t)donor;
	job->labels[cell] = (int32_t)(o.label_noise > 0 ? draw_label(type, &rng) : type);
}

static void draw_part(void *arg, size_t part)
{
	struct block_job *job = arg;
	struct cells *out = &job->parts[part];
	size_t from = job->first + part * CELLS_A_PART;
	size_t end = MIN(from + CELLS_A_PART, job->first + job->n);
	uint32_t *counts;

	MEM_ZERO(counts, o.genes);
	cells_reserve(out, CELLS_A_PART, 0);
	for (size_t cell = from; cell < end; cell++)
		draw_cell(job, cell, out, counts);
	free(counts);
}

static void join_parts(const struct block_job *job, size_t n_parts, struct cells *block)
{
	size_t stored = 0, cell = 0, at = 0;

	for (size_t i = 0; i < n_parts; i++)
		stored += cells_stored(&job->parts[i]);
	cells_reserve(block, job->n, stored);
	block->n_genes = o.genes;
	block->first = job->first;
	for (size_t i = 0; i < n_parts; i++) {
		const struct cells *p = &job->parts[i];
		memcpy(block->genes + at, p->genes, cells_stored(p) * sizeof(*p->genes));
		memcpy(block->values + at, p->values, cells_stored(p) * sizeof(*p->values));
		for (size_t c = 0; c < p->n_cells; c++)
			block->starts[++cell] = at + p->starts[c + 1];
		at += cells_stored(p);
	}
	block->n_cells = job->n;
}

static int write_cells(struct block_job *job, struct writer *w, struct pool *pool, struct err *err)
{
	enum write_type type = o.lognorm || o.floats ? WRITE_FLOAT : WRITE_COUNTS;
	struct progress progress = progress_start("cells", o.cells);
	struct cells block = {.n_cells = 0};
	size_t most_parts = CELLS_A_BLOCK / CELLS_A_PART;
	int ret = writer_matrix(w, "X", o.genes, type, err);

	MEM_ZERO(job->parts, most_parts);
	for (job->first = 0; !ret && job->first < o.cells; job->first += job->n) {
		job->n = MIN(CELLS_A_BLOCK, o.cells - job->first);
		size_t n_parts = (job->n + CELLS_A_PART - 1) / CELLS_A_PART;
		pool_run(pool, n_parts, draw_part, job);
		join_parts(job, n_parts, &block);
		if (o.lognorm)
			lognorm_cells(&block, NORM_AS_STORED, 1e4, pool);
		ret = writer_cells(w, &block, err);
		progress_at(&progress, job->first + job->n);
	}
	progress_end(&progress);
	for (size_t i = 0; i < most_parts; i++)
		cells_release(&job->parts[i]);
	free(job->parts);
	cells_release(&block);
	return ret ? -1 : writer_matrix_end(w, err);
}

/* ---- names and labels --------------------------------------------------------------------- */

static void set_names(struct frame *f, const char *format_prefix)
{
	struct arena arena = {0};
	char **names, name[64];

	MEM_ARRAY(names, f->n_rows);
	for (size_t i = 0; i < f->n_rows; i++) {
		int len = snprintf(name, sizeof(name), "%s%07zu", format_prefix, i + 1);
		names[i] = arena_str(&arena, name, (size_t)len);
	}
	frame_set_keys(f, names);
	free(names);
	arena_release(&arena);
}

/* The lines of 'path' as the first categories. */
static int read_names(struct column *c, const char *path, struct err *err)
{
	struct lines *in = lines_open(path, err);
	int got = in ? 0 : -1;

	for (size_t i = 0; in && i < c->n_categories && (got = lines_next(in, err)) > 0; i++)
		c->categories[i] = arena_str(&c->arena, in->text, in->len);
	lines_close(in);
	return got < 0 ? -1 : 0;
}

static void add_labels(struct frame *f, const char *name, const int32_t *codes, size_t n_labels)
{
	struct column c = column_new(name, COLUMN_CATEGORY, f->n_rows);
	struct err err = ERR_INIT;
	char label[64];

	MEM_ARRAY(c.categories, n_labels);
	c.n_categories = n_labels;
	for (size_t i = 0; i < n_labels; i++) {
		int len = snprintf(label, sizeof(label), "%s_%03zu",
				   str_eq(name, "true_type") ? "cell_type" : name, i + 1);
		c.categories[i] = arena_str(&c.arena, label, (size_t)len);
	}
	if (o.type_names && !str_eq(name, "donor") && read_names(&c, o.type_names, &err))
		die_err(&err);
	memcpy(c.codes, codes, f->n_rows * sizeof(*codes));
	frame_add(f, &c);
}

static int write_frames(const struct block_job *job, struct writer *w, struct err *err)
{
	struct frame *obs = frame_new(o.cells), *var = frame_new(o.genes);

	set_names(obs, "cell_");
	set_names(var, "GENE");
	add_labels(obs, "cell_type", job->labels, o.types);
	if (o.label_noise > 0)
		add_labels(obs, "true_type", job->types, o.types);
	add_labels(obs, "donor", job->donors, o.donors);
	int ret = writer_frame(w, "obs", obs, err) || writer_frame(w, "var", var, err) ? -1 : 0;
	frame_free(obs);
	frame_free(var);
	return ret;
}

static void free_world(struct world *w)
{
	for (size_t i = 0; i < o.types + o.donors; i++) {
		struct alias *a = i < o.types ? &w->types[i] : &w->donors[i - o.types];
		free(a->keep);
		free(a->other);
	}
	free(w->soup.keep);
	free(w->soup.other);
	free(w->types);
	free(w->donors);
	free(w->type_weight);
}

static const struct opt_usage usage = {
	.summary = "make a single-cell file for benchmarks",
	.synopsis = "[OPTIONS] -o OUTPUT",
	.options = options,
	.max_inputs = 0,
};

int main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct block_job job = {.first = 0};

	tool_begin("make-counts", argc, argv);
	opt_parse(&usage, argc, argv);
	if (!o.genes || !o.types || !o.donors || !o.siblings || o.density <= 0 || o.density > 0.9)
		die_usage(
			"genes, types and donors must be at least 1, and density within (0, 0.9]");

	struct pool *pool = pool_new(tool_threads);
	struct world world = make_world();
	struct writer *w = writer_open(o.output, o.compress, pool, &err);
	if (!w)
		die_err(&err);
	job.world = &world;
	MEM_ARRAY(job.types, o.cells);
	MEM_ARRAY(job.donors, o.cells);
	MEM_ARRAY(job.labels, o.cells);
	if (write_cells(&job, w, pool, &err) || write_frames(&job, w, &err) ||
	    writer_finish(w, &err))
		die_err(&err);
	free(job.types);
	free(job.donors);
	free(job.labels);
	free_world(&world);
	pool_free(pool);
	return tool_end();
}
