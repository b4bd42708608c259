/* matcher.c - a matcher: its files read, its names gathered; see matcher_private.h. */
#include "base/util.h"

#include "onto/match/matcher_private.h"

#include "base/datadir.h"
#include "base/text.h"
#include "format/tsv.h"
#include "onto/onto_read.h"
#include "onto/table_ids.h"

/* The file given, or the embedded one. NULL without error when an empty name says none. */
static char *choose_file(const char *given, const char *embedded, struct err *err)
{
	if (given)
		return *given ? mem_str(given) : NULL;
	return datadir_find(embedded, err);
}

/* Aliases: id, name, phrases "a|b|c", tissue. */
static int read_aliases(struct matcher *m, const char *path, struct err *err)
{
	struct tsv *in = tsv_open(path, err);
	struct table_ids ids = {.onto = m->onto, .unknown = TEXT_INIT};
	size_t id, phrases, tissue;
	int got = -1;

	if (!in || tsv_need(in, "id", &id, err) || tsv_need(in, "phrases", &phrases, err) ||
	    tsv_need(in, "tissue", &tissue, err))
		goto close;
	while ((got = tsv_next(in, err)) > 0) {
		uint32_t term = table_ids_find(&ids, in->fields[id], in->line);
		char *rest = in->fields[phrases];

		for (char *phrase; term != ONTO_NONE && (phrase = strsep(&rest, "|"));)
			names_alias(&m->names, term, phrase, NAME_ALIAS,
				    lexicon_tissue(m->lexicon, in->fields[tissue]));
	}
close:
	tsv_close(in);
	return table_ids_end(&ids, path, got, err);
}

/* Is the id one of another ontology that is asked beside this one? */
static bool is_anothers(const struct matcher_files *f, const char *id)
{
	static const char *const prefixes[] = {"CL:", "UBERON:", "NCIT:"};
	const char *own = f->prefix ? f->prefix : "CL:";

	for (size_t i = 0; f->others_overridden && i < ARRAY_LEN(prefixes); i++)
		if (str_starts(id, prefixes[i]))
			return !str_eq(prefixes[i], own);
	return false;
}

/* Overrides: label, id ("" or "-" for no cell type). */
static int read_overrides(struct matcher *m, const char *path, const struct matcher_files *f,
			  struct err *err)
{
	struct tsv *in = tsv_open(path, err);
	struct table_ids ids = {.onto = m->onto, .unknown = TEXT_INIT};
	size_t label, id, n_labels = 0;
	int got = -1;

	if (!in || tsv_need(in, "label", &label, err) || tsv_need(in, "id", &id, err))
		goto close;
	m->overrides_path = mem_str(path);
	while ((got = tsv_next(in, err)) > 0) {
		const char *to = in->fields[id];

		if (is_anothers(f, to))
			continue;
		bool none = !*to || str_eq(to, "-");
		uint32_t term = none ? ONTO_NONE : table_ids_find(&ids, to, in->line);
		uint32_t n = strtab_add(&m->override_labels, in->fields[label]);

		if (n < n_labels && m->overrides[n].term != term) {
			got = err_set(err, "%s: line %zu: \"%s\" has another id in line %zu", path,
				      in->line, in->fields[label], m->overrides[n].line);
			break;
		}
		if (n < n_labels)
			continue;
		n_labels++;
		MEM_GROW(m->overrides, n + 1, m->cap_overrides);
		m->overrides[n] = (struct override){.term = term, .line = in->line};
	}
close:
	tsv_close(in);
	return table_ids_end(&ids, path, got, err);
}

/* Open one table with 'read'; a file that is not wanted is fine. */
#define OPEN_TABLE(target, given, embedded, call)               \
	do {                                                    \
		char *path = choose_file(given, embedded, err); \
		if (!path && err_is_set(err))                   \
			goto fail;                              \
		if (path)                                       \
			(target) = (call);                      \
		free(path);                                     \
		if (err_is_set(err))                            \
			goto fail;                              \
	} while (0)

struct matcher *matcher_open(const struct matcher_files *f, struct err *err)
{
	struct matcher *m;
	int done = 0;

	MEM_ZERO(m, 1);
	OPEN_TABLE(m->onto, f->ontology, f->ontology_name ? f->ontology_name : "ontology/cl.tsv",
		   onto_read(path, f->prefix ? f->prefix : "CL:", err));
	OPEN_TABLE(m->lexicon, f->words, "ontology/words.tsv", lexicon_read(path, err));
	if (!m->lexicon)
		m->lexicon = lexicon_new();
	if (!m->onto)
		BUG("an ontology is always read");
	names_init(&m->names, m->onto, m->lexicon);
	OPEN_TABLE(done, f->aliases, "ontology/aliases.tsv", read_aliases(m, path, err));
	names_finish(&m->names);
	m->ngrams = ngrams_new(&m->names);
	OPEN_TABLE(m->patterns, f->patterns, "ontology/patterns.tsv",
		   patterns_read(path, m->onto, err));
	OPEN_TABLE(m->calibration, f->calibration, "ontology/calibration.tsv",
		   calibration_read(path, err));
	OPEN_TABLE(done, f->overrides ? f->overrides : "", "", read_overrides(m, path, f, err));
	(void)done;
	return m;
fail:
	matcher_free(m);
	return NULL;
}

void matcher_free(struct matcher *m)
{
	if (!m)
		return;
	if (m->lexicon)
		names_clear(&m->names);
	ngrams_free(m->ngrams);
	patterns_free(m->patterns);
	calibration_free(m->calibration);
	lexicon_free(m->lexicon);
	onto_free(m->onto);
	strtab_release(&m->override_labels);
	free(m->overrides);
	free(m->overrides_path);
	free(m);
}

const struct onto *matcher_onto(const struct matcher *m)
{
	return m->onto;
}
