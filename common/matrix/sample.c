/* sample.c - see sample.h. */
#include "base/util.h"

#include "base/rng.h"
#include "base/strtab.h"
#include "matrix/sample.h"

/* Salts, so that trimming and filling are draws of their own. */
#define TRIM_SALT 0x7472696d6d696e67
#define FILL_SALT 0x66696c6c696e6721

/* A cell on the list its rank is drawn from. */
struct sample_candidate {
	uint64_t key;
	size_t cell;
	int32_t class, group;
};

struct draw {
	const struct sample_plan *plan;
	char *const *names;
	struct sample_candidate *list; /* all cells that may be chosen */
	size_t n_list;
	bool *taken; /* per place of the list */
	size_t n_taken;
	size_t *available, *quotas, *chosen; /* per class */
	size_t n_classes, n_groups;
};

static int compare_cells(const struct draw *d, const struct sample_candidate *a,
			 const struct sample_candidate *b)
{
	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	int by_name = strcmp(d->names[a->cell], d->names[b->cell]);
	if (by_name)
		return by_name;
	return a->cell < b->cell ? -1 : a->cell > b->cell;
}

static int by_stratum(const void *pa, const void *pb, void *draw)
{
	const struct sample_candidate *a = pa, *b = pb;

	if (a->class != b->class)
		return a->class < b->class ? -1 : 1;
	if (a->group != b->group)
		return a->group < b->group ? -1 : 1;
	return compare_cells(draw, a, b);
}

/*
 * The largest level with sum(min(counts[i], level)) <= n, and in 'quotas' min(counts[i], level),
 * with what is left of n given one each to the first that have more.
 */
static void share_evenly(const size_t *counts, size_t n_counts, size_t n, size_t *quotas)
{
	size_t low = 0, high = n, left = n;

	/* The level is found by halving: the sum rises with it. */
	while (low < high) {
		size_t level = low + (high - low + 1) / 2, sum = 0;
		for (size_t i = 0; i < n_counts && sum <= n; i++)
			sum += MIN(counts[i], level);
		if (sum <= n)
			low = level;
		else
			high = level - 1;
	}
	for (size_t i = 0; i < n_counts; i++) {
		quotas[i] = MIN(counts[i], low);
		left -= quotas[i];
	}
	for (size_t i = 0; i < n_counts && left; i++) {
		if (counts[i] > low) {
			quotas[i]++;
			left--;
		}
	}
}

/* ---- quotas of the classes ---- */

static size_t ceil_share(size_t n, size_t part, size_t whole)
{
	return (size_t)(((unsigned __int128)n * part + whole - 1) / whole);
}

static void quotas_proportional(struct draw *d)
{
	for (size_t c = 0; c < d->n_classes; c++) {
		size_t share = ceil_share(d->plan->n, d->available[c], MAX(d->n_list, 1));
		d->quotas[c] = MIN(MAX(share, d->plan->floor), d->available[c]);
	}
}

static void quotas_equal(struct draw *d)
{
	size_t n_present = 0;

	for (size_t c = 0; c < d->n_classes; c++)
		n_present += d->available[c] > 0;
	for (size_t c = 0; c < d->n_classes; c++)
		d->quotas[c] =
			MIN(MAX(d->plan->n / MAX(n_present, 1), d->plan->floor), d->available[c]);
}

/* Every class up to the cap; if n is less than that, all at one level, but not under the floor. */
static void quotas_cap(struct draw *d)
{
	size_t *limited, sum = 0;

	MEM_ARRAY(limited, d->n_classes + 1);
	for (size_t c = 0; c < d->n_classes; c++) {
		limited[c] = d->plan->cap ? MIN(d->available[c], d->plan->cap) : d->available[c];
		d->quotas[c] = limited[c];
		sum += limited[c];
	}
	if (d->plan->n && sum > d->plan->n) {
		share_evenly(limited, d->n_classes, d->plan->n, d->quotas);
		for (size_t c = 0; c < d->n_classes; c++)
			d->quotas[c] = MAX(d->quotas[c], MIN(limited[c], d->plan->floor));
	}
	free(limited);
}

/* ---- taking ---- */

static void take(struct draw *d, size_t place)
{
	d->taken[place] = true;
	d->chosen[d->list[place].class]++;
	d->n_taken++;
}

/* One class, list[first..end), sorted by group and rank: its quota, shared over its groups. */
static void take_class(struct draw *d, size_t first, size_t end)
{
	size_t *starts, *counts, *quotas, n = 0;

	MEM_ARRAY(starts, d->n_groups + 2);
	MEM_ZERO(counts, d->n_groups + 2);
	MEM_ZERO(quotas, d->n_groups + 2);
	for (size_t i = first; i < end; i++) {
		if (i == first || d->list[i].group != d->list[i - 1].group)
			starts[n++] = i;
		counts[n - 1]++;
	}
	share_evenly(counts, n, d->quotas[d->list[first].class], quotas);
	for (size_t g = 0; g < n; g++)
		for (size_t i = 0; i < quotas[g]; i++)
			take(d, starts[g] + i);
	free(starts);
	free(counts);
	free(quotas);
}

static void take_quotas(struct draw *d)
{
	for (size_t first = 0, end; first < d->n_list; first = end) {
		for (end = first + 1; end < d->n_list && d->list[end].class == d->list[first].class;
		     end++)
			;
		take_class(d, first, end);
	}
}

/* A place of the list in the order of another draw. */
struct ranked {
	uint64_t key;
	size_t place;
};

static int by_rank(const void *pa, const void *pb, void *draw)
{
	const struct ranked *a = pa, *b = pb;
	const struct draw *d = draw;

	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	return compare_cells(d, &d->list[a->place], &d->list[b->place]);
}

/* The places that are taken (or not) in the order of another draw; the caller frees. */
static struct ranked *redraw(struct draw *d, bool taken, uint64_t salt, size_t *n)
{
	struct ranked *order;

	*n = 0;
	MEM_ARRAY(order, d->n_list + 1);
	for (size_t i = 0; i < d->n_list; i++)
		if (d->taken[i] == taken)
			order[(*n)++] = (struct ranked){mix64(d->list[i].key ^ salt), i};
	qsort_r(order, *n, sizeof(*order), by_rank, d);
	return order;
}

/* Rounding up took too many: give some back, but from no class under the floor. */
static void trim(struct draw *d)
{
	size_t n;
	struct ranked *order = redraw(d, true, TRIM_SALT, &n);

	for (size_t i = n; i-- > 0 && d->n_taken > d->plan->n;) {
		int32_t class = d->list[order[i].place].class;
		if (d->chosen[class] <= d->plan->floor)
			continue;
		d->taken[order[i].place] = false;
		d->chosen[class]--;
		d->n_taken--;
	}
	free(order);
}

/* Small classes left room: fill it from all that remain. */
static void fill(struct draw *d)
{
	size_t n;
	struct ranked *order = redraw(d, false, FILL_SALT, &n);

	for (size_t i = 0; i < n && d->n_taken < d->plan->n; i++)
		take(d, order[i].place);
	free(order);
}

/* The cells of classes that are large enough. */
static void list_candidates(struct draw *d, size_t n_cells, const int32_t *classes,
			    const int32_t *groups)
{
	for (size_t i = 0; i < n_cells; i++)
		if (classes[i] >= 0)
			d->available[classes[i]]++;
	for (size_t c = 0; c < d->n_classes; c++)
		if (d->available[c] < d->plan->min_cells)
			d->available[c] = 0;
	for (size_t i = 0; i < n_cells; i++) {
		if (classes[i] < 0 || d->available[classes[i]] == 0)
			continue;
		d->list[d->n_list++] = (struct sample_candidate){
			.key = mix64(hash_bytes(d->names[i], strlen(d->names[i]), d->plan->seed)),
			.cell = i,
			.class = classes[i],
			.group = groups ? groups[i] : 0,
		};
	}
	qsort_r(d->list, d->n_list, sizeof(*d->list), by_stratum, d);
}

static void choose(struct draw *d)
{
	switch (d->plan->mode) {
	case SAMPLE_PROPORTIONAL:
		quotas_proportional(d);
		take_quotas(d);
		trim(d);
		break;
	case SAMPLE_EQUAL:
		quotas_equal(d);
		take_quotas(d);
		trim(d);
		fill(d);
		break;
	case SAMPLE_CAP:
		quotas_cap(d);
		take_quotas(d);
		break;
	}
}

static int rising(const void *pa, const void *pb)
{
	size_t a = *(const size_t *)pa, b = *(const size_t *)pb;

	return a < b ? -1 : a > b;
}

struct sample sample_draw(const struct sample_plan *plan, char *const *names, size_t n_cells,
			  const int32_t *classes, size_t n_classes, const int32_t *groups,
			  size_t n_groups)
{
	struct draw d = {.plan = plan, .names = names, .n_classes = n_classes};
	struct sample s = {.n = 0};

	d.n_groups = groups ? n_groups : 1;
	MEM_ARRAY(d.list, n_cells);
	MEM_ZERO(d.available, n_classes + 1);
	MEM_ZERO(d.quotas, n_classes + 1);
	MEM_ZERO(d.chosen, n_classes + 1);
	list_candidates(&d, n_cells, classes, groups);
	MEM_ZERO(d.taken, d.n_list + 1);
	choose(&d);

	MEM_ARRAY(s.cells, d.n_taken + 1);
	for (size_t i = 0; i < d.n_list; i++)
		if (d.taken[i])
			s.cells[s.n++] = d.list[i].cell;
	qsort(s.cells, s.n, sizeof(*s.cells), rising);
	s.available = d.available;
	s.chosen = d.chosen;
	free(d.list);
	free(d.taken);
	free(d.quotas);
	return s;
}

void sample_release(struct sample *s)
{
	free(s->cells);
	free(s->available);
	free(s->chosen);
	*s = (struct sample){.n = 0};
}
