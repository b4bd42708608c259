#include "matrix/norm.h"

#include <float.h>
#include <math.h>
#include <stdarg.h>

#include "matrix/logexp.h"
#include "matrix/sketch.h"

#define CELLS_PER_PART 256
#define RATIOS_PER_CELL 64
#define STANDARD_SUM 1e4
#define LOGGED_BELOW 40.0f /* exp(40): no logarithm of a count is larger */

/* How values may have been changed from counts: the sums of cells are taken each way back. */
enum way { AS_STORED, FROM_LOG, FROM_LOG2, N_WAYS };
static const float way_factor[N_WAYS] = {0, 1, 0x1.62e43p-1f};

struct cell_look {
	bool empty, whole_numbers;
	double sums[N_WAYS];
	uint16_t whole[N_WAYS]; /* of the ratios to the cell's smallest value, how many are whole */
	uint16_t n_ratios[N_WAYS];
	double unit;  /* the cell's smallest value, taken back from a logarithm; 0: not looked at */
	bool precise; /* enough digits to tell the cell's depth from the unit */
};

struct range {
	float min, max;
	size_t n_zero, n_whole; /* whole: not zero, and without a fraction */
};

struct norm_look {
	size_t n_cells, n_genes, n_stored, n_empty;
	size_t n_whole_cells; /* not empty, and every value a whole number */
	struct range range;
	struct sketch *sums[N_WAYS];
	size_t whole[N_WAYS], n_ratios[N_WAYS];
	size_t n_units, n_whole_units; /* cells with a unit, and with one that is a whole number */
	size_t n_depths, n_whole_depths;
};

const char *const norm_names[NORM_N_KINDS + 1] = {
	[NORM_COUNTS] = "counts",
	[NORM_LOG1P_10K] = "log1p_10k",
	[NORM_LOG1P_OTHER] = "log1p_other",
	[NORM_LOG2_OTHER] = "log2_other",
	[NORM_NOT_LOGGED] = "normalized_not_logged",
	[NORM_SCALED] = "scaled",
	[NORM_SUBSET] = "subset",
	[NORM_UNKNOWN] = "unknown",
};

const char *norm_name(enum norm_kind kind)
{
	return norm_names[kind];
}

bool norm_from_name(const char *name, enum norm_kind *kind)
{
	for (size_t i = 0; i < NORM_N_KINDS; i++) {
		if (str_eq(name, norm_names[i])) {
			*kind = (enum norm_kind)i;
			return true;
		}
	}
	return false;
}

struct norm_look *norm_look_new(void)
{
	struct norm_look *look = mem_zero(1, sizeof(*look));

	look->range = (struct range){.min = FLT_MAX, .max = -FLT_MAX};
	for (int way = 0; way < N_WAYS; way++)
		look->sums[way] = sketch_new();
	return look;
}

void norm_look_free(struct norm_look *look)
{
	if (!look)
		return;
	for (int way = 0; way < N_WAYS; way++)
		sketch_free(look->sums[way]);
	free(look);
}

/* ---- looking ---- */

/* The bits of finite floats as integers in the same order. Undoes itself. */
static inline int32_t order_key(int32_t bits)
{
	return bits < 0 ? bits ^ INT32_MAX : bits;
}

static inline float float_of(int32_t bits)
{
	float x;

	memcpy(&x, &bits, sizeof(x));
	return x;
}

/* All choices are made on the bits: compilers do not vectorise those between floats. */
CLONES static struct range look_at_values(const float *values, size_t n)
{
	int32_t min = INT32_MAX, max = INT32_MIN;
	uint32_t n_zero = 0, n_whole = 0;

	for (size_t i = 0; i < n; i++) {
		int32_t bits, size, has_fraction_bits, key;

		memcpy(&bits, &values[i], sizeof(bits));
		size = bits & INT32_MAX;
		has_fraction_bits = -(size < 0x4b800000); /* from 2^24 on, all are whole */
		float x = float_of(bits & has_fraction_bits);
		key = order_key(bits);
		min = MIN(key, min);
		max = MAX(key, max);
		n_zero += size == 0;
		n_whole += (float)(int32_t)x == x;
	}
	if (n == 0)
		return (struct range){.min = FLT_MAX, .max = -FLT_MAX};
	return (struct range){float_of(order_key(min)) + 0.0f, /* no minus zero */
			      float_of(order_key(max)) + 0.0f, n_zero, n_whole - n_zero};
}

static void add_range(struct range *all, const struct range *more)
{
	all->min = fminf(all->min, more->min);
	all->max = fmaxf(all->max, more->max);
	all->n_zero += more->n_zero;
	all->n_whole += more->n_whole;
}

static float undo(float value, enum way way)
{
	return way == AS_STORED ? value : exp_float(value * way_factor[way]) - 1.0f;
}

/*
 * In counts that were scaled, every value of a cell is a whole multiple of the value of one count.
 * That one is often the cell's smallest, so most ratios to it are whole numbers, if the values
 * are taken back the right way: evidence that needs no row sums, and so survives dropped genes.
 */
static void look_at_ratios(const float *values, size_t n, float smallest, enum way way,
			   struct cell_look *cell)
{
	float unit = undo(smallest, way);
	size_t step = n / RATIOS_PER_CELL + 1;

	if (!(unit > 0))
		return;
	for (size_t i = 0; i < n; i += step) {
		float ratio = undo(values[i], way) / unit;

		if (ratio < 1.5f || ratio > 100)
			continue;
		cell->n_ratios[way]++;
		cell->whole[way] += fabsf(ratio - rintf(ratio)) < 0.02f;
	}
}

/* Are two counts twice one count, to the digits that tell the depth? Not where values were rounded.
 */
static bool is_precise(const float *values, size_t n, double unit)
{
	for (size_t i = 0; i < n; i++) {
		float ratio = undo(values[i], FROM_LOG) / (float)unit;

		if (ratio > 1.5f && ratio < 2.5f)
			return fabs(expm1((double)values[i]) / unit - 2) <
			       0.02 * unit / STANDARD_SUM;
	}
	return false;
}

/*
 * One count of a cell of 'depth' counts became STANDARD_SUM / depth: taken back, the depth is a
 * whole number if that was the sum, whatever genes are left. Beyond 50,000 counts a float has too
 * few digits to tell.
 */
static void add_unit(struct norm_look *look, double unit, bool precise)
{
	double depth = STANDARD_SUM / unit;

	look->n_units++;
	look->n_whole_units += unit > 0.5 && fabs(unit - rint(unit)) < 0.001;
	if (!precise || depth < 20 || depth > 5e4)
		return;
	look->n_depths++;
	look->n_whole_depths += fabs(depth - rint(depth)) < 0.03;
}

static float smallest_positive(const float *values, size_t n)
{
	float smallest = FLT_MAX;

	for (size_t i = 0; i < n; i++)
		if (values[i] > 0 && values[i] < smallest)
			smallest = values[i];
	return smallest;
}

static void look_at_cell(const float *values, size_t n, struct range *range, struct cell_look *cell)
{
	struct range mine = look_at_values(values, n);
	float smallest;

	*cell = (struct cell_look){.empty = mine.n_zero == n};
	if (n == 0)
		return;
	add_range(range, &mine);
	cell->sums[AS_STORED] = sum_floats(values, n);
	cell->whole_numbers = !cell->empty && mine.n_whole + mine.n_zero == n;
	if (cell->empty || mine.min < 0 || cell->whole_numbers)
		return; /* a cell of counts, or of z-scores: no need to undo a logarithm */
	smallest = mine.min > 0 ? mine.min : smallest_positive(values, n);
	if (mine.max <= LOGGED_BELOW) {
		cell->unit = expm1((double)smallest);
		cell->precise = is_precise(values, n, cell->unit);
	}
	for (enum way way = AS_STORED; way < N_WAYS; way++) {
		if (way != AS_STORED && mine.max > LOGGED_BELOW)
			break;
		if (way != AS_STORED)
			cell->sums[way] = sum_expm1(values, n, way_factor[way]);
		look_at_ratios(values, n, smallest, way, cell);
	}
}

struct job {
	const struct cells *block;
	struct range *ranges;    /* per part */
	struct cell_look *cells; /* per cell */
};

static void look_at_part(void *arg, size_t part)
{
	struct job *job = arg;
	const struct cells *block = job->block;
	size_t end = MIN(block->n_cells, (part + 1) * CELLS_PER_PART);
	struct range range = {.min = FLT_MAX, .max = -FLT_MAX};

	for (size_t cell = part * CELLS_PER_PART; cell < end; cell++)
		look_at_cell(block->values + block->starts[cell],
			     block->starts[cell + 1] - block->starts[cell], &range,
			     &job->cells[cell]);
	job->ranges[part] = range;
}

static void add_cell(struct norm_look *look, const struct cell_look *cell)
{
	if (cell->empty) {
		look->n_empty++;
		return;
	}
	look->n_whole_cells += cell->whole_numbers;
	if (cell->unit > 0)
		add_unit(look, cell->unit, cell->precise);
	for (int way = 0; way < N_WAYS; way++) {
		sketch_add(look->sums[way], cell->sums[way]);
		look->whole[way] += cell->whole[way];
		look->n_ratios[way] += cell->n_ratios[way];
	}
}

void norm_look_at(struct norm_look *look, const struct cells *block, struct pool *pool)
{
	size_t n_parts = (block->n_cells + CELLS_PER_PART - 1) / CELLS_PER_PART;
	struct job job = {.block = block};

	MEM_ARRAY(job.ranges, n_parts);
	MEM_ARRAY(job.cells, block->n_cells);
	pool_run(pool, n_parts, look_at_part, &job);
	look->n_cells += block->n_cells;
	look->n_genes = block->n_genes;
	look->n_stored += cells_stored(block);
	for (size_t part = 0; part < n_parts; part++)
		add_range(&look->range, &job.ranges[part]);
	for (size_t cell = 0; cell < block->n_cells; cell++)
		add_cell(look, &job.cells[cell]);
	free(job.ranges);
	free(job.cells);
}

/* ---- judging ---- */

/* The one sum that all cells share, taken back this way; or NaN. */
static double common_sum(const struct norm_look *look, enum way way)
{
	double low = sketch_quantile(look->sums[way], 0.01);
	double middle = sketch_quantile(look->sums[way], 0.5);
	double high = sketch_quantile(look->sums[way], 0.99);

	return low > 0 && high - low < 0.01 * middle ? middle : NAN;
}

static double share(size_t part, size_t all)
{
	return all ? (double)part / (double)all : 0;
}

PRINTF_LIKE(3, 4)
static void because(struct norm_verdict *v, enum norm_kind kind, const char *format, ...)
{
	va_list args;

	v->kind = kind;
	va_start(args, format);
	vsnprintf(v->why, sizeof(v->why), format, args);
	va_end(args);
}

static void judge_log1p(struct norm_verdict *v, double sum)
{
	bool standard = fabs(sum / STANDARD_SUM - 1) < 0.01;

	v->target_sum = sum;
	v->log_base = M_E;
	because(v, standard ? NORM_LOG1P_10K : NORM_LOG1P_OTHER, "expm1 of every cell sums to %.6g",
		sum);
}

static void judge_common_sum(const struct norm_look *look, struct norm_verdict *v)
{
	double stored = common_sum(look, AS_STORED);
	double from_log = common_sum(look, FROM_LOG);
	double from_log2 = common_sum(look, FROM_LOG2);

	/* Fractions of one are too small for a logarithm to change much: the rounder sum it is. */
	if (!isnan(from_log) && !isnan(stored) && fabs(from_log - 1) < 0.01 &&
	    fabs(stored - 1) < fabs(from_log - 1))
		from_log = from_log2 = NAN;
	if (!isnan(from_log)) {
		judge_log1p(v, from_log);
	} else if (!isnan(from_log2)) {
		v->target_sum = from_log2;
		v->log_base = 2;
		because(v, NORM_LOG2_OTHER, "2^x - 1 of every cell sums to %.6g", from_log2);
	} else if (!isnan(stored)) {
		v->target_sum = stored;
		because(v, NORM_NOT_LOGGED, "every cell sums to %.6g as stored", stored);
	}
}

/* The ratios within cells are those of log1p of counts: scaled how? */
static void judge_logged_counts(const struct norm_look *look, struct norm_verdict *v)
{
	double low = sketch_quantile(look->sums[FROM_LOG], 0.01);
	double high = sketch_quantile(look->sums[FROM_LOG], 0.99);

	v->log_base = M_E;
	if (share(look->n_whole_units, look->n_units) > 0.9)
		because(v, NORM_UNKNOWN,
			"log1p of counts that were not scaled: expm1 of values is whole numbers, "
			"cells sum to %.4g to %.4g",
			low, high);
	else if (high >= 1.01 * STANDARD_SUM || (look->n_depths > look->n_units / 10 &&
						 share(look->n_whole_depths, look->n_depths) < 0.5))
		because(v, NORM_UNKNOWN,
			"log1p of counts scaled by a factor per cell, but not to 10,000 (expm1 of "
			"cells sums to %.4g to %.4g): by size factors, or genes were dropped",
			low, high);
	else
		because(v, NORM_SUBSET,
			"log1p of counts scaled to 10,000, but expm1 of cells sums to %.4g to "
			"%.4g: genes were dropped",
			low, high);
}

/* No common sum: what do the ratios within cells say? */
static void judge_ratios(const struct norm_look *look, struct norm_verdict *v)
{
	double whole[N_WAYS];

	for (int way = 0; way < N_WAYS; way++)
		whole[way] = share(look->whole[way], look->n_ratios[way]);
	if (whole[FROM_LOG] > 0.5 && whole[FROM_LOG] >= whole[AS_STORED]) {
		judge_logged_counts(look, v);
	} else if (whole[AS_STORED] > 0.5) {
		because(v, NORM_UNKNOWN,
			"%.0f%% of values are whole multiples of their cell's smallest, but cells "
			"sum to "
			"%.4g to %.4g: counts that were scaled, not to one sum",
			100 * whole[AS_STORED], v->sum_p01, v->sum_p99);
	} else {
		because(v, NORM_UNKNOWN,
			"not whole numbers (%.3g%% are), and neither sums nor ratios fit a scaling "
			"of "
			"counts (largest value %.4g)",
			100 * v->integer_fraction, v->max);
	}
}

/* Cells of counts among cells that are not: one part of the file was normalised. */
static bool is_mixed(const struct norm_look *look)
{
	size_t n_cells = look->n_cells - look->n_empty;

	return share(look->n_whole_cells, n_cells) > 0.001 && isnan(common_sum(look, AS_STORED));
}

bool norm_maybe_counts(const struct norm_look *look)
{
	return look->range.min >= 0 && look->range.n_whole + look->range.n_zero == look->n_stored;
}

struct norm_verdict norm_judge(const struct norm_look *look)
{
	size_t n_nonzero = look->n_stored - look->range.n_zero;
	struct norm_verdict v = {
		.kind = NORM_N_KINDS,
		.n_cells = look->n_cells,
		.n_genes = look->n_genes,
		.n_stored = look->n_stored,
		.min = look->n_stored ? (double)look->range.min : 0,
		.max = look->n_stored ? (double)look->range.max : 0,
		.integer_fraction = n_nonzero ? share(look->range.n_whole, n_nonzero) : NAN,
		.sum_p01 = sketch_quantile(look->sums[AS_STORED], 0.01),
		.sum_p50 = sketch_quantile(look->sums[AS_STORED], 0.5),
		.sum_p99 = sketch_quantile(look->sums[AS_STORED], 0.99),
		.target_sum = NAN,
		.log_base = NAN,
	};

	if (n_nonzero == 0)
		because(&v, NORM_UNKNOWN, "no value that is not zero in %zu cells", v.n_cells);
	else if (v.min < 0)
		because(&v, NORM_SCALED, "negative values, down to %.4g", v.min);
	else if (look->range.n_whole == n_nonzero)
		because(&v, NORM_COUNTS, "every value is a whole number, up to %.6g", v.max);
	else if (is_mixed(look))
		because(&v, NORM_UNKNOWN,
			"%zu of %zu cells hold whole numbers only, up to %.6g, the others do not: "
			"more "
			"than one kind of cell",
			look->n_whole_cells, look->n_cells - look->n_empty, v.max);
	if (v.kind == NORM_N_KINDS)
		judge_common_sum(look, &v);
	if (v.kind == NORM_N_KINDS)
		judge_ratios(look, &v);
	return v;
}
