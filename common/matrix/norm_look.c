/* norm_look.c - every value of a block of cells, looked at for what norm.c judges by. */
#include "base/util.h"

#include <float.h>
#include <math.h>

#include "matrix/logexp.h"
#include "matrix/norm_private.h"

#define RATIOS_PER_CELL 64
#define STANDARD_SUM NORM_STANDARD_SUM

struct cell_look {
	bool empty, whole_numbers;
	double sums[NORM_N_WAYS];
	uint16_t whole[NORM_N_WAYS]; /* of the ratios to the smallest value, how many are whole */
	uint16_t n_ratios[NORM_N_WAYS];
	double unit;  /* the cell's smallest value, taken back from a logarithm; 0: not looked at */
	bool precise; /* enough digits to tell the cell's depth from the unit */
	double n_pairs;
	uint16_t n_above_half, n_under, n_fractions, n_squareroots;
};

struct norm_look *norm_look_new(void)
{
	struct norm_look *look = mem_zero(1, sizeof(*look));

	look->range = (struct norm_range){.min = FLT_MAX, .max = -FLT_MAX};
	for (int way = 0; way < NORM_N_WAYS; way++)
		look->sums[way] = sketch_new();
	return look;
}

void norm_look_free(struct norm_look *look)
{
	if (!look)
		return;
	for (int way = 0; way < NORM_N_WAYS; way++)
		sketch_free(look->sums[way]);
	free(look);
}

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
CLONES static struct norm_range look_at_values(const float *values, size_t n)
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
		return (struct norm_range){.min = FLT_MAX, .max = -FLT_MAX};
	return (struct norm_range){float_of(order_key(min)) + 0.0f, /* no minus zero */
				   float_of(order_key(max)) + 0.0f, n_zero, n_whole - n_zero};
}

static void add_range(struct norm_range *all, const struct norm_range *more)
{
	all->min = fminf(all->min, more->min);
	all->max = fmaxf(all->max, more->max);
	all->n_zero += more->n_zero;
	all->n_whole += more->n_whole;
}

static float undo(float value, enum norm_way way)
{
	return way == NORM_AS_STORED ? value : exp_float(value * norm_way_factor(way)) - 1.0f;
}

/*
 * In counts that were scaled, every value of a cell is a whole multiple of the value of one count.
 * That one is often the cell's smallest, so most ratios to it are whole numbers, if the values
 * are taken back the right way: evidence that needs no row sums, and so survives dropped genes.
 */
static void look_at_ratios(const float *values, size_t n, float smallest, enum norm_way way,
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

/*
 * Counts of which a little was taken away, by an estimate of what is not the cell's own, or that
 * were shared out among genes, lie just below whole numbers. Square roots of counts lie there by
 * chance, and are known by their squares.
 */
static void look_at_fractions(const float *values, size_t n, struct cell_look *cell)
{
	size_t step = n / RATIOS_PER_CELL + 1;

	for (size_t i = 0; i < n; i += step) {
		float x = values[i], up = ceilf(x - 0.05f), square = x * x;

		if (x <= 0.5f || x > 1e4f)
			continue;
		cell->n_above_half++;
		cell->n_under += up - x < 0.2f;
		if (x == rintf(x))
			continue;
		cell->n_fractions++;
		cell->n_squareroots += fabsf(square - rintf(square)) < 1e-6f * square + 1e-6f;
	}
}

/* Are two counts twice one count, to the digits that tell the depth? Not where values were rounded.
 */
static bool is_precise(const float *values, size_t n, double unit)
{
	for (size_t i = 0; i < n; i++) {
		float ratio = undo(values[i], NORM_LOG1P) / (float)unit;

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

static void look_at_cell(const float *values, size_t n, struct norm_range *range,
			 struct cell_look *cell)
{
	struct norm_range mine = look_at_values(values, n);
	float smallest;

	*cell = (struct cell_look){.empty = mine.n_zero == n};
	if (n == 0)
		return;
	add_range(range, &mine);
	cell->sums[NORM_AS_STORED] = sum_floats(values, n);
	cell->whole_numbers = !cell->empty && mine.n_whole + mine.n_zero == n;
	cell->n_pairs = (double)mine.n_whole * (double)(mine.n_whole ? mine.n_whole - 1 : 0) / 2;
	if (cell->empty || mine.min < 0 || cell->whole_numbers)
		return; /* a cell of counts, or of z-scores: no need to undo a logarithm */
	look_at_fractions(values, n, cell);
	smallest = mine.min > 0 ? mine.min : smallest_positive(values, n);
	if (mine.max <= NORM_LOGGED_BELOW) {
		cell->unit = expm1((double)smallest);
		cell->precise = is_precise(values, n, cell->unit);
	}
	for (enum norm_way way = NORM_AS_STORED; way < NORM_N_WAYS; way++) {
		if (way != NORM_AS_STORED && mine.max > NORM_LOGGED_BELOW)
			break;
		if (way != NORM_AS_STORED)
			cell->sums[way] = sum_expm1(values, n, norm_way_factor(way));
		look_at_ratios(values, n, smallest, way, cell);
	}
}

struct job {
	const struct cells *block;
	struct norm_range *ranges; /* per part */
	struct cell_look *cells;   /* per cell */
};

static void look_at_part(void *arg, size_t part)
{
	struct job *job = arg;
	const struct cells *block = job->block;
	struct cell_range cells = cells_part(block, part);
	struct norm_range range = {.min = FLT_MAX, .max = -FLT_MAX};

	for (size_t cell = cells.from; cell < cells.end; cell++)
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
	look->n_pairs += cell->whole_numbers ? cell->n_pairs : 0;
	look->n_above_half += cell->n_above_half;
	look->n_under += cell->n_under;
	look->n_fractions += cell->n_fractions;
	look->n_squareroots += cell->n_squareroots;
	if (cell->unit > 0)
		add_unit(look, cell->unit, cell->precise);
	for (int way = 0; way < NORM_N_WAYS; way++) {
		sketch_add(look->sums[way], cell->sums[way]);
		look->whole[way] += cell->whole[way];
		look->n_ratios[way] += cell->n_ratios[way];
	}
}

void norm_look_at(struct norm_look *look, const struct cells *block, struct pool *pool)
{
	size_t n_parts = cells_n_parts(block);
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
