/* harmonise.c - see harmonise.h. */
#include "base/util.h"

#include "base/text.h"
#include "onto/harmonise.h"

struct class
{
	const char *label, *name; /* before and after */
	uint32_t term;            /* ONTO_NONE when the label stays */
	bool *in;                 /* by reference: has it cells of this label? */
};

static void classify(const struct harmonise *h, struct class *class)
{
	const struct labelmap_row *row = labelmap_find(h->map, class->label);

	class->name = class->label;
	class->term = ONTO_NONE;
	if (!row || !*row->id || row->score < h->min_score)
		return;
	class->term = onto_find(h->onto, row->id);
	if (class->term != ONTO_NONE)
		class->term = onto_current(h->onto, class->term);
	if (class->term != ONTO_NONE)
		class->name = h->onto->terms[class->term].label;
}

static struct class *classes_of(const struct harmonise *h, const struct column *labels)
{
	struct class *classes = mem_zero(labels->n_categories + 1, sizeof(*classes));
	size_t row = 0;

	for (size_t k = 0; k < labels->n_categories; k++) {
		classes[k].label = labels->categories[k];
		MEM_ZERO(classes[k].in, h->n_inputs);
		classify(h, &classes[k]);
	}
	for (size_t i = 0; i < h->n_inputs; i++)
		for (size_t end = row + h->n_cells[i]; row < end; row++)
			if (labels->codes[row] >= 0)
				classes[labels->codes[row]].in[i] = true;
	return classes;
}

/* ---- telling ---- */

static void add_item(struct text *list, const char *item)
{
	text_add(list, "%s%s", list->len ? ", " : "", item);
}

static void tell_kept(const struct harmonise *h, const struct class *classes, size_t n)
{
	struct text kept = TEXT_INIT, line = TEXT_INIT;
	size_t n_kept = 0;

	for (size_t k = 0; k < n; k++) {
		if (classes[k].term != ONTO_NONE)
			continue;
		n_kept++;
		add_item(&kept, classes[k].label);
	}
	text_add(&line, "%zu of %zu labels take the ontology's name", n - n_kept, n);
	if (n_kept)
		text_add(&line, "; no sure id, kept as they are: %s", kept.s);
	h->tell(line.s);
	text_release(&kept);
	text_release(&line);
}

/* Labels of reference 'i' (of any: SIZE_MAX) with the name of class 'k'; how many. */
static size_t list_same(const struct harmonise *h, const struct class *classes, size_t n, size_t k,
			size_t i, struct text *list)
{
	size_t found = 0;

	text_clear(list);
	for (size_t other = 0; other < n; other++) {
		if (!str_eq(classes[other].name, classes[k].name))
			continue;
		for (size_t r = 0; r < h->n_inputs; r++) {
			if (!classes[other].in[r] || (i != SIZE_MAX && r != i))
				continue;
			found++;
			text_add(list, "%s%s", list->len ? ", " : "", classes[other].label);
			if (i == SIZE_MAX)
				text_add(list, " (%s)", h->names[r]);
		}
	}
	return found;
}

static bool is_first_of_name(const struct class *classes, size_t k)
{
	for (size_t other = 0; other < k; other++)
		if (str_eq(classes[other].name, classes[k].name))
			return false;
	return true;
}

/* Names that gather several labels: of several references, or of one, which loses detail. */
static void tell_met(const struct harmonise *h, const struct class *classes, size_t n)
{
	struct text list = TEXT_INIT, line = TEXT_INIT;

	for (size_t k = 0; k < n; k++) {
		if (!is_first_of_name(classes, k))
			continue;
		if (list_same(h, classes, n, k, SIZE_MAX, &list) > 1) {
			text_clear(&line);
			text_add(&line, "%s: %s", classes[k].name, list.s);
			h->tell(line.s);
		}
		for (size_t i = 0; i < h->n_inputs; i++) {
			if (list_same(h, classes, n, k, i, &list) < 2)
				continue;
			text_clear(&line);
			text_add(&line, "%s: labels that become one, %s: %s", h->names[i],
				 classes[k].name, list.s);
			h->tell(line.s);
		}
	}
	text_release(&list);
	text_release(&line);
}

/* The names of reference 'i' strictly below a class; how many. */
static size_t list_below(const struct harmonise *h, const struct class *classes, size_t n, size_t k,
			 size_t i, struct text *list)
{
	size_t found = 0;

	text_clear(list);
	for (size_t other = 0; other < n; other++) {
		const struct class *c = &classes[other];

		if (c->term == ONTO_NONE || c->term == classes[k].term || !c->in[i] ||
		    !onto_is_a(h->onto, c->term, classes[k].term))
			continue;
		found++;
		add_item(list, c->name);
	}
	return found;
}

/* What reference 'i' has only whole, and reference 'other' in parts. */
static void tell_split(const struct harmonise *h, const struct class *classes, size_t n, size_t i,
		       size_t other)
{
	struct text parts = TEXT_INIT, line = TEXT_INIT;

	for (size_t k = 0; k < n; k++) {
		if (classes[k].term == ONTO_NONE || !classes[k].in[i] ||
		    list_below(h, classes, n, k, i, &parts) ||
		    !list_below(h, classes, n, k, other, &parts))
			continue;
		text_clear(&line);
		text_add(&line, "%s splits %s of %s finer: %s", h->names[other], classes[k].name,
			 h->names[i], parts.s);
		h->tell(line.s);
	}
	text_release(&parts);
	text_release(&line);
}

/* ---- */

/* The rows' names after, or their ids. */
static struct column column_of(const struct harmonise *h, const struct column *labels,
			       const struct class *classes, bool of_ids)
{
	char **texts = mem_zero(labels->n + 1, sizeof(*texts));
	struct column out;

	for (size_t row = 0; row < labels->n; row++) {
		const struct class *class =
			labels->codes[row] < 0 ? NULL : &classes[labels->codes[row]];

		if (class && !of_ids)
			texts[row] = (char *)class->name;
		else if (class && class->term != ONTO_NONE)
			texts[row] = (char *)h->onto->terms[class->term].id;
	}
	out = column_categories(of_ids ? "" : labels->name, texts, labels->n);
	free(texts);
	return out;
}

struct column harmonise_labels(const struct harmonise *h, const struct column *labels,
			       struct column *ids)
{
	size_t n = labels->n_categories;
	struct class *classes = classes_of(h, labels);
	struct column out = column_of(h, labels, classes, false);

	*ids = column_of(h, labels, classes, true);
	tell_kept(h, classes, n);
	tell_met(h, classes, n);
	for (size_t i = 0; i < h->n_inputs; i++)
		for (size_t other = 0; other < h->n_inputs; other++)
			if (other != i)
				tell_split(h, classes, n, i, other);
	for (size_t k = 0; k < n; k++)
		free(classes[k].in);
	free(classes);
	return out;
}
