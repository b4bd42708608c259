/* donors.c - see donors.h. */
#include "base/util.h"

#include "evidence/donors.h"

void donors_init(struct donors *d, const struct cell_groups *groups,
		 const struct cell_groups *donors, size_t n_genes)
{
	*d = (struct donors){.n_groups = groups->n, .n_donors = donors->n};
	MEM_ARRAY(d->of, groups->n_cells);
	for (size_t cell = 0; cell < groups->n_cells; cell++) {
		size_t g = groups->of[cell] == GROUP_NONE ? groups->n : groups->of[cell];
		d->of[cell] = donors->of[cell] == GROUP_NONE
				      ? GROUP_NONE
				      : (uint32_t)(g * donors->n + donors->of[cell]);
	}
	group_moments_init(&d->moments, (groups->n + 1) * donors->n, n_genes, false);
}

void donors_add(struct donors *d, const struct cells *block, struct pool *pool)
{
	group_moments_add(&d->moments, block, d->of, pool);
}

void donors_finish(struct donors *d)
{
	size_t n_genes = d->moments.n_genes;

	d->totals = mem_zero(mem_product(d->n_donors, n_genes), sizeof(*d->totals));
	MEM_ZERO(d->cells, d->n_donors);
	for (size_t g = 0; g <= d->n_groups; g++) {
		for (size_t donor = 0; donor < d->n_donors; donor++) {
			size_t at = g * d->n_donors + donor;
			d->cells[donor] += (double)d->moments.n_cells[at];
			for (size_t gene = 0; gene < n_genes; gene++) {
				struct moment m = group_moment(&d->moments, at, gene);
				d->totals[donor * n_genes + gene] += m.mean * m.n;
			}
		}
	}
}

void donors_release(struct donors *d)
{
	free(d->of);
	free(d->totals);
	free(d->cells);
	group_moments_release(&d->moments);
	*d = (struct donors){0};
}

void donors_agree(const struct donors *d, size_t group, size_t gene, bool above, size_t *agree,
		  size_t *counted)
{
	*agree = *counted = 0;
	for (size_t donor = 0; donor < d->n_donors; donor++) {
		struct moment own = group_moment(&d->moments, group * d->n_donors + donor, gene);
		double others = d->cells[donor] - own.n;
		double sum = d->totals[donor * d->moments.n_genes + gene] - own.mean * own.n;

		if (own.n < DONOR_CELLS || others < 1)
			continue;
		++*counted;
		*agree += above ? own.mean > sum / others : own.mean < sum / others;
	}
}
