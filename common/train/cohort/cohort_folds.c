/* cohort_folds.c - cells dealt into folds. */
#include "base/util.h"

#include "base/rng.h"
#include "train/cohort/cohort_private.h"

static int by_size(const void *a, const void *b)
{
	const struct dealt *x = a, *y = b;

	if (x->n_cells != y->n_cells)
		return x->n_cells > y->n_cells ? -1 : 1;
	return strcmp(x->name, y->name);
}

/* Largest groups first, each to the fold with fewest cells so far. */
static int deal_folds(uint16_t *fold, const struct column_groups *groups,
		      const struct column_groups *label, size_t n_rows,
		      const struct cohort_rules *rules, struct err *err)
{
	struct dealt *dealt = cohort_groups(groups, label, n_rows, rules->seed);
	size_t *filled = mem_zero(rules->folds, sizeof(*filled)), n_groups = 0;
	uint16_t *fold_of = mem_zero(groups->n, sizeof(*fold_of));

	qsort(dealt, groups->n, sizeof(*dealt), by_size);
	for (size_t g = 0; g < groups->n; g++) {
		size_t least = 0;

		n_groups += dealt[g].n_cells > 0;
		for (size_t f = 1; f < rules->folds; f++)
			if (filled[f] < filled[least])
				least = f;
		fold_of[dealt[g].group] = (uint16_t)least;
		filled[least] += dealt[g].n_cells;
	}
	for (size_t row = 0; row < n_rows; row++)
		if (groups->codes[row] >= 0)
			fold[row] = fold_of[groups->codes[row]];
		else
			fold[row] = (uint16_t)(mix64(rules->seed + row) % rules->folds);
	free(filled);
	free(fold_of);
	free(dealt);
	if (n_groups < rules->folds)
		return err_set(err, "--folds %zu --by %s: there %s only %zu group%s", rules->folds,
			       rules->by, n_groups == 1 ? "is" : "are", n_groups,
			       n_groups == 1 ? "" : "s");
	return 0;
}

struct ranked {
	uint64_t order;
	size_t row;
};

static int by_order(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->order != y->order)
		return x->order < y->order ? -1 : 1;
	return x->row < y->row ? -1 : x->row > y->row;
}

/* Every class spread evenly over the folds, in a drawn order. */
static void deal_stratified(uint16_t *fold, const struct column_groups *label, size_t n_rows,
			    const struct cohort_rules *rules)
{
	struct ranked *ranked = mem_alloc(n_rows, sizeof(*ranked));
	size_t *next = mem_zero(label->n, sizeof(*next));

	for (size_t row = 0; row < n_rows; row++)
		ranked[row] = (struct ranked){mix64(mix64(rules->seed + 2) + row), row};
	qsort(ranked, n_rows, sizeof(*ranked), by_order);
	for (size_t i = 0; i < n_rows; i++) {
		int32_t code = label->codes[ranked[i].row];

		if (code >= 0)
			fold[ranked[i].row] =
				(uint16_t)((next[code]++ + (size_t)code) % rules->folds);
	}
	free(next);
	free(ranked);
}

int cohort_make_folds(struct cohort *c, struct frame *obs, const struct column_groups *label,
		      const struct cohort_rules *rules, struct err *err)
{
	const struct column *column;
	struct column_groups groups;
	int ret;

	if (!rules->folds)
		return 0;
	c->n_folds = rules->folds;
	MEM_ZERO(c->fold, obs->n_rows);
	if (!rules->by) {
		deal_stratified(c->fold, label, obs->n_rows, rules);
		return 0;
	}
	column = frame_column(obs, rules->by, err);
	if (!column)
		return -1;
	groups = column_group(column);
	ret = deal_folds(c->fold, &groups, label, obs->n_rows, rules, err);
	column_groups_release(&groups);
	return ret;
}
