/* vocabulary.c - see vocabulary.h. */
#include "base/util.h"

#include "calls/vocabulary.h"

static bool *true_names(const uint32_t *truth, size_t n_cells, size_t n_names)
{
	bool *is = mem_zero(n_names + 1, sizeof(*is));

	for (size_t cell = 0; cell < n_cells; cell++)
		is[truth[cell]] = true;
	return is;
}

/* Per term the true label of it, STRTAB_NONE for none. */
static uint32_t *label_of_terms(const struct vocabulary *v, const bool *is_true)
{
	uint32_t *label = mem_alloc(v->onto->n_terms, sizeof(*label));
	uint32_t *sorted = strtab_sorted(v->names);

	for (size_t t = 0; t < v->onto->n_terms; t++)
		label[t] = STRTAB_NONE;
	for (size_t i = v->names->n; i-- > 0;)
		if (is_true[sorted[i]] && v->terms[sorted[i]] != ONTO_NONE)
			label[v->terms[sorted[i]]] = sorted[i];
	free(sorted);
	return label;
}

/* Per name, the name that it counts as. The caller frees. */
static uint32_t *vocabulary_of_truth(const struct vocabulary *v)
{
	bool *is_true = true_names(v->truth, v->n_cells, v->names->n);
	uint32_t *label = label_of_terms(v, is_true);
	bool *listed = mem_zero(v->onto->n_terms, sizeof(*listed));
	uint32_t *word = mem_alloc(v->names->n, sizeof(*word));

	for (size_t t = 0; t < v->onto->n_terms; t++)
		listed[t] = label[t] != STRTAB_NONE;
	for (uint32_t name = 0; name < v->names->n; name++) {
		uint32_t near = ONTO_NONE;

		word[name] = name;
		if (is_true[name] || v->terms[name] == ONTO_NONE)
			continue;
		near = onto_nearest_of(v->onto, v->terms[name], listed);
		if (near != ONTO_NONE)
			word[name] = label[near];
	}
	free(is_true);
	free(label);
	free(listed);
	return word;
}

struct evaluation *vocabulary_evaluate(const struct vocabulary *v, const uint32_t *predicted,
				       const double *confidence, uint32_t unknown)
{
	uint32_t *word = vocabulary_of_truth(v);
	uint32_t *said = mem_alloc(v->n_cells, sizeof(*said));
	struct evaluation *e;

	for (size_t cell = 0; cell < v->n_cells; cell++)
		said[cell] = word[predicted[cell]];
	e = evaluation_new(v->truth, said, confidence, v->n_cells, v->names, unknown);
	free(said);
	free(word);
	return e;
}

bool vocabulary_shared(const uint32_t *truth, const uint32_t *predicted, size_t n_cells,
		       size_t n_names)
{
	bool *is_true = true_names(truth, n_cells, n_names), shared = false;

	for (size_t cell = 0; cell < n_cells && !shared; cell++)
		shared = is_true[predicted[cell]];
	free(is_true);
	return shared;
}
