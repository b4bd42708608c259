/* norm.c - what a matrix is, judged by what was seen of it. See norm.h; norm_look.c looks. */
#include "base/util.h"

#include <math.h>
#include <stdarg.h>

#include "matrix/norm_private.h"

#define STANDARD_SUM NORM_STANDARD_SUM

const char *const norm_names[NORM_N_KINDS + 1] = {
	[NORM_COUNTS] = "counts",
	[NORM_FRACTIONAL_COUNTS] = "fractional_counts",
	[NORM_BINARY] = "binary",
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

float norm_way_factor(enum norm_way way)
{
	static const float factors[NORM_N_WAYS] = {[NORM_LOG1P] = 1, [NORM_LOG2] = 0x1.62e43p-1f};

	return factors[way];
}

bool norm_way_back(const struct norm_verdict *v, enum norm_way *way)
{
	switch (v->kind) {
	case NORM_COUNTS:
	case NORM_FRACTIONAL_COUNTS:
	case NORM_NOT_LOGGED:
		*way = NORM_AS_STORED;
		return true;
	case NORM_LOG1P_10K:
	case NORM_LOG1P_OTHER:
		*way = NORM_LOG1P;
		return true;
	case NORM_LOG2_OTHER:
		*way = NORM_LOG2;
		return true;
	default:
		return false;
	}
}

bool norm_may_be(const struct norm_verdict *v, enum norm_way way)
{
	return v->min >= 0 && v->n_stored > 0 &&
	       (way == NORM_AS_STORED || v->max <= (double)NORM_LOGGED_BELOW);
}

const char *norm_way_done(enum norm_way way)
{
	static const char *const done[NORM_N_WAYS] = {
		[NORM_AS_STORED] = "",
		[NORM_LOG1P] = "the logarithm undone (expm1), ",
		[NORM_LOG2] = "the logarithm undone (2^x - 1), "};

	return done[way];
}

/* ---- judging ---- */

static bool is_round(double sum)
{
	double exponent = log10(sum);

	return fabs(exponent - rint(exponent)) < 0.001;
}

/*
 * The one sum that all cells share, taken back this way; or NaN. One cell or two share any sum:
 * theirs has to be a power of ten.
 */
static double common_sum(const struct norm_look *look, enum norm_way way)
{
	double low = sketch_quantile(look->sums[way], 0.01);
	double middle = sketch_quantile(look->sums[way], 0.5);
	double high = sketch_quantile(look->sums[way], 0.99);

	if (!(low > 0 && high - low < 0.01 * middle))
		return NAN;
	return look->n_cells - look->n_empty > 2 || is_round(middle) ? middle : NAN;
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
	double stored = common_sum(look, NORM_AS_STORED);
	double from_log = common_sum(look, NORM_LOG1P);
	double from_log2 = common_sum(look, NORM_LOG2);

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
	double low = sketch_quantile(look->sums[NORM_LOG1P], 0.01);
	double high = sketch_quantile(look->sums[NORM_LOG1P], 0.99);

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

static void judge_log2_counts(const struct norm_look *look, struct norm_verdict *v)
{
	v->log_base = 2;
	because(v, NORM_UNKNOWN,
		"log2 of counts, plus 1, that were not scaled to one sum: 2^x - 1 of cells sums to "
		"%.4g to %.4g: by size factors, or genes were dropped",
		sketch_quantile(look->sums[NORM_LOG2], 0.01),
		sketch_quantile(look->sums[NORM_LOG2], 0.99));
}

static double whole_ratios(const struct norm_look *look, enum norm_way way)
{
	return share(look->whole[way], look->n_ratios[way]);
}

/* The way back that leaves most ratios whole; as stored when none leaves half of them. */
static enum norm_way way_of_ratios(const struct norm_look *look)
{
	enum norm_way best = NORM_AS_STORED;

	if (whole_ratios(look, NORM_LOG2) > MAX(0.5, whole_ratios(look, best)))
		best = NORM_LOG2;
	if (whole_ratios(look, NORM_LOG1P) > 0.5 &&
	    whole_ratios(look, NORM_LOG1P) >= whole_ratios(look, best))
		best = NORM_LOG1P;
	return best;
}

static bool are_squareroots(const struct norm_look *look)
{
	return share(look->n_squareroots, look->n_fractions) > 0.95;
}

/*
 * Counts that are no whole numbers: times a factor of their cell, or a little of each taken away.
 * Cells differ in depth, as counts do, and there is no logarithm that explains the ratios better.
 */
static void judge_fractions(const struct norm_look *look, struct norm_verdict *v)
{
	double ratios = whole_ratios(look, NORM_AS_STORED);
	double under = share(look->n_under, look->n_above_half);

	if (way_of_ratios(look) != NORM_AS_STORED || !isnan(common_sum(look, NORM_AS_STORED)) ||
	    !isnan(common_sum(look, NORM_LOG1P)) || !isnan(common_sum(look, NORM_LOG2)) ||
	    are_squareroots(look))
		return;
	if (ratios > 0.9)
		because(v, NORM_FRACTIONAL_COUNTS,
			"%.0f%% of values are whole multiples of their cell's smallest, and cells "
			"sum to %.4g to %.4g: counts times a factor of their cell",
			100 * ratios, v->sum_p01, v->sum_p99);
	else if (under > 0.5)
		because(v, NORM_FRACTIONAL_COUNTS,
			"%.0f%% of values lie on or just below whole numbers (25%% would by "
			"chance), and cells sum to %.4g to %.4g: counts with parts taken away or "
			"shared out",
			100 * under, v->sum_p01, v->sum_p99);
}

/* No common sum: what do the ratios within cells say? */
static void judge_ratios(const struct norm_look *look, struct norm_verdict *v)
{
	enum norm_way way = way_of_ratios(look);

	if (way == NORM_LOG1P)
		judge_logged_counts(look, v);
	else if (way == NORM_LOG2)
		judge_log2_counts(look, v);
	else if (are_squareroots(look))
		because(v, NORM_UNKNOWN, "square roots of counts: squares are whole numbers");
	else
		because(v, NORM_UNKNOWN,
			"not whole numbers (%.3g%% are), and neither sums nor ratios fit a scaling "
			"of counts (largest value %.4g)",
			100 * v->integer_fraction, v->max);
}

/*
 * Nothing but ones where counts would repeat: were every gene equally likely to be drawn, two of a
 * cell's counts would fall on one gene in one of n_genes pairs.
 */
static void judge_whole_numbers(const struct norm_look *look, struct norm_verdict *v)
{
	double expected = look->n_pairs / (double)MAX(look->n_genes, (size_t)1);

	if (v->max == 1 && expected >= 20)
		because(v, NORM_BINARY,
			"every value is 1, where counts would be above it %.3g times or more: "
			"only whether a gene was seen is left",
			expected);
	else
		because(v, NORM_COUNTS, "every value is a whole number, up to %.6g", v->max);
}

/* Cells of counts among cells that are not: one part of the file was normalised. */
static bool is_mixed(const struct norm_look *look)
{
	size_t n_cells = look->n_cells - look->n_empty;

	return share(look->n_whole_cells, n_cells) > 0.001 &&
	       isnan(common_sum(look, NORM_AS_STORED));
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
		.sum_p01 = sketch_quantile(look->sums[NORM_AS_STORED], 0.01),
		.sum_p50 = sketch_quantile(look->sums[NORM_AS_STORED], 0.5),
		.sum_p99 = sketch_quantile(look->sums[NORM_AS_STORED], 0.99),
		.target_sum = NAN,
		.log_base = NAN,
	};

	if (n_nonzero == 0)
		because(&v, NORM_UNKNOWN, "no value that is not zero in %zu cells", v.n_cells);
	else if (v.min < 0)
		because(&v, NORM_SCALED, "negative values, down to %.4g", v.min);
	else if (look->range.n_whole == n_nonzero)
		judge_whole_numbers(look, &v);
	else
		judge_fractions(look, &v);
	if (v.kind == NORM_N_KINDS && is_mixed(look))
		because(&v, NORM_UNKNOWN,
			"%zu of %zu cells hold whole numbers only, up to %.6g, the others do not: "
			"more than one kind of cell",
			look->n_whole_cells, look->n_cells - look->n_empty, v.max);
	if (v.kind == NORM_N_KINDS)
		judge_common_sum(look, &v);
	if (v.kind == NORM_N_KINDS)
		judge_ratios(look, &v);
	return v;
}
