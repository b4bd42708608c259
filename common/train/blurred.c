/* blurred.c - counts how often classes are taken for each other, and says it. */
#include "base/util.h"

#include "train/blurred.h"

#define MOST_NAMED 5

struct blurred blurred_count(const struct blurred_calls *calls)
{
	size_t k = calls->n_classes;
	struct blurred b = {.n_classes = k};
	uint32_t *table = mem_zero(mem_product(k, k), sizeof(*table));

	MEM_ZERO(b.cells, k);
	MEM_ZERO(b.right, k);
	MEM_ZERO(b.taken_for, k);
	for (size_t i = 0; i < calls->n; i++)
		table[calls->truth[i] * k + calls->called[i]]++;
	for (size_t of = 0; of < k; of++) {
		uint32_t most = 0;

		for (size_t as = 0; as < k; as++) {
			uint32_t n = table[of * k + as];

			b.cells[of] += n;
			if (as == of) {
				b.right[of] = n;
			} else if (n > most) {
				most = n;
				b.taken_for[of] = (uint32_t)as;
			}
		}
	}
	free(table);
	return b;
}

void blurred_release(struct blurred *b)
{
	free(b->cells);
	free(b->right);
	free(b->taken_for);
	*b = (struct blurred){.n_classes = 0};
}

static bool is_blurred(const struct blurred *b, size_t class)
{
	return b->cells[class] >= BLURRED_LEAST && b->right[class] * 2 < b->cells[class];
}

void blurred_words(const struct blurred *b, char *const *classes, size_t n_genes,
		   struct text *lines)
{
	size_t n = 0, named = 0;

	for (size_t k = 0; k < b->n_classes; k++)
		n += is_blurred(b, k);
	if (!n)
		return;
	text_add(lines, "%zu of %zu labels %s finer than these %zu genes tell: ", n, b->n_classes,
		 n == 1 ? "is" : "are", n_genes);
	for (size_t k = 0; k < b->n_classes && named < MOST_NAMED; k++)
		if (is_blurred(b, k))
			text_add(lines, "%s\"%s\" (%.0f %% right, else mostly \"%s\")",
				 named++ ? ", " : "", classes[k],
				 100 * (double)b->right[k] / (double)b->cells[k],
				 classes[b->taken_for[k]]);
	if (n > named)
		text_add(lines, " and %zu more", n - named);
	text_add(lines, " (a coarser column of labels would be right more often)\n");
}
