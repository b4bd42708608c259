/* altrep.c - see altrep.h. */
#include "base/util.h"

#include <math.h>

#include "import/rds/altrep.h"
#include "import/rds/wire.h"

static const uint64_t least_budget = 1u << 24;

static int spend(struct altrep_budget *budget, uint64_t n, struct err *err)
{
	budget->used += n;
	if (n > UINT32_MAX || budget->used > MAX(least_budget, budget->position))
		return err_set(err,
			       "compact vectors stand for %llu values, more than this file "
			       "can be about (the file is damaged)",
			       (unsigned long long)MAX(n, budget->used));
	return 0;
}

static int sequence(struct rds *file, struct rds_value *v, const struct rds_value *state,
		    enum rds_type type, struct altrep_budget *budget, struct err *err)
{
	double n = rds_number(state, 0), start = rds_number(state, 1), step = rds_number(state, 2);
	if (!(n >= 0 && n <= UINT32_MAX) || (step != 1 && step != -1) || !(fabs(start) < 0x1p52))
		return err_set(err,
			       "a compact sequence of %g values from %g by %g (the file is "
			       "damaged)",
			       n, start, step);
	double last = start + step * (n - 1);
	if (type == RDS_INTEGER && n > 0 && (fabs(start) > INT32_MAX || fabs(last) > INT32_MAX))
		return err_set(err, "a sequence of integers from %g to %g (the file is damaged)",
			       start, last);
	if (spend(budget, (uint64_t)n, err))
		return -1;
	v->type = (uint8_t)type;
	v->n = (uint64_t)n;
	v->data = mem_alloc(v->n, type == RDS_INTEGER ? sizeof(*v->ints) : sizeof(*v->reals));
	rds_own(file, v->data);
	for (uint64_t i = 0; i < v->n; i++) {
		double value = start + step * (double)i;
		if (type == RDS_INTEGER)
			v->ints[i] = (int32_t)value;
		else
			v->reals[i] = value;
	}
	return 0;
}

/* The fewest significant digits, up to 15, that print the same value as 15 do. */
static int digits_needed(double x, char scientific[32])
{
	char full[32];
	snprintf(full, sizeof(full), "%.14e", x);
	double target = strtod(full, NULL);
	for (int digits = 1;; digits++) {
		snprintf(scientific, 32, "%.*e", digits - 1, x);
		if (digits == 15 || strtod(scientific, NULL) == target)
			return digits;
	}
}

void altrep_format(char out[32], double x)
{
	char scientific[32];
	if (isnan(x) || isinf(x)) {
		snprintf(out, 32, "%s", isnan(x) ? "NaN" : x < 0 ? "-Inf" : "Inf");
		return;
	}
	int digits = digits_needed(x, scientific);
	int exponent = (int)strtol(strchr(scientific, 'e') + 1, NULL, 10);
	int decimals = MAX(0, digits - 1 - exponent);
	int fixed = (x < 0) + MAX(exponent, 0) + 1 + (decimals ? decimals + 1 : 0);
	if (fixed <= (int)strlen(scientific))
		snprintf(out, 32, "%.*f", decimals, x);
	else
		snprintf(out, 32, "%s", scientific);
}

bool altrep_is_na(double x)
{
	uint64_t bits;
	memcpy(&bits, &x, sizeof(bits));
	return isnan(x) && (uint32_t)bits == 1954;
}

static bool format_element(const struct rds_value *numbers, uint64_t i, char out[32])
{
	if (numbers->type == RDS_REAL) {
		altrep_format(out, numbers->reals[i]);
		return !altrep_is_na(numbers->reals[i]);
	}
	snprintf(out, 32, "%d", numbers->ints[i]);
	return numbers->ints[i] != RDS_NA_INT;
}

static int deferred_string(struct rds *file, struct rds_value *v, const struct rds_value *state,
			   struct altrep_budget *budget, struct err *err)
{
	const struct rds_value *numbers = rds_is(state, RDS_PAIR) ? state->car : NULL;
	if ((!rds_is(numbers, RDS_INTEGER) && !rds_is(numbers, RDS_REAL)) || numbers->dropped) {
		v->type = RDS_OTHER;
		return 0;
	}
	if (spend(budget, numbers->n, err))
		return -1;
	v->type = RDS_STRING;
	v->n = numbers->n;
	MEM_ARRAY(v->strings, v->n);
	rds_own(file, v->strings);
	for (uint64_t i = 0; i < v->n; i++) {
		char text[32];
		v->strings[i] = format_element(numbers, i, text) ? strtab_add(&file->strings, text)
								 : STRTAB_NONE;
	}
	return 0;
}

/* The state of a wrapper is the wrapped vector and notes on it, as a pair or a list. */
static void unwrap(struct rds_value *v, const struct rds_value *state)
{
	const struct rds_value *inner = rds_is(state, RDS_PAIR) ? state->car : rds_item(state, 0);
	struct rds_value *attributes = v->attributes;
	if (inner)
		*v = *inner;
	else
		v->type = RDS_OTHER;
	v->attributes = attributes;
}

int altrep_expand(struct rds *file, struct rds_value *v, const struct rds_value *info,
		  const struct rds_value *state, struct altrep_budget *budget, struct err *err)
{
	const char *class = rds_is(info, RDS_PAIR) ? rds_text(file, info->car, 0) : NULL;
	v->n = 0;
	v->data = NULL;
	v->type = RDS_OTHER;
	if (!class)
		return err_set(err, "a compact vector without a class (the file is damaged)");
	if (str_eq(class, "compact_intseq"))
		return sequence(file, v, state, RDS_INTEGER, budget, err);
	if (str_eq(class, "compact_realseq"))
		return sequence(file, v, state, RDS_REAL, budget, err);
	if (str_eq(class, "deferred_string"))
		return deferred_string(file, v, state, budget, err);
	if (str_starts(class, "wrap_"))
		unwrap(v, state);
	return 0;
}
