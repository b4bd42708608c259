/* config_known.c - what is known of references by name: their label columns, and presets of them.
 */
#include "base/util.h"

#include <unistd.h>

#include "conf/conf_private.h"
#include "ref/ref_search.h"
#include "ref/registry.h"
#include "ref/studies.h"

/* The registries, read once. NULL on failure. */
static struct registry *registry(struct conf_reader *r)
{
	const char *own[] = {r->c->registry};

	if (r->known)
		return r->known;
	r->known = mem_zero(1, sizeof(*r->known));
	if (registry_open(r->known, own, r->c->registry != NULL, r->err) == 0)
		return r->known;
	conf_known_release(r);
	return NULL;
}

void conf_known_release(struct conf_reader *r)
{
	if (r->known)
		registry_release(r->known);
	free(r->known);
	r->known = NULL;
}

/* A reference that no registry names may still be a study or a dataset: it is looked into. */
int conf_known_label(struct conf_reader *r, struct conf_reference *ref)
{
	struct registry *known = registry(r);
	const struct ref_entry *found = known ? references_find(&known->list, ref->id) : NULL;
	struct yaml_node word = *r->y->root;

	if (!known)
		return -1;
	if (!found || !*found->label)
		return 0;
	word.kind = YAML_TEXT;
	word.quoted = true;
	word.text = (char *)(uintptr_t)found->label;
	ref->label = conf_text(r, &word);
	if (!ref->label)
		return -1;
	text_add(&r->c->notes, "%s: labels are in %s, says the registry (label: for another)\n",
		 ref->id, found->label);
	return 0;
}

/* ---- presets ---- */

static int add_question(struct conf_reader *r, const struct yaml_node *node, struct search *s)
{
	struct registry *known = registry(r);
	const struct preset *preset;

	if (!known || !conf_scalar(r, node))
		return -1;
	preset = registry_preset(known, node->text, r->err);
	if (!preset)
		return err_prefix(r->err, "%s:%zu:%zu", r->y->path, node->line, node->column);
	return search_preset(s, preset, r->err);
}

/* One reference for a study, whatever presets it answers and however many rows it has. */
static int add_study(struct conf_reader *r, const struct yaml_node *at,
		     const struct ref_entry *study)
{
	struct conf_reference ref = {.label = LABEL_AUTO, .cells = DEFAULT_CELLS};

	ref.name = conf_keep(r, study->id);
	ref.path = conf_keep(r, study->address);
	for (size_t i = 0; i < r->c->n_references; i++)
		if (r->c->references[i].path && str_eq(r->c->references[i].path, ref.path))
			return 0;
	if (access(ref.path, R_OK))
		return yaml_error(r->y, at, r->err, "study %s: %s: there is no such file to read",
				  ref.name, ref.path);
	return conf_push_reference(r, at, &ref);
}

static int add_studies(struct conf_reader *r, const struct yaml_node *at, const struct search *s,
		       const struct references *studies)
{
	size_t before = r->c->n_references, n = 0;

	for (size_t i = 0; i < studies->n; i++) {
		if (!search_matches(s, &studies->items[i]))
			continue;
		n++;
		if (add_study(r, at, &studies->items[i]))
			return -1;
	}
	if (n == 0)
		return yaml_error(r->y, at, r->err, "no study is what the presets ask for");
	text_add(&r->c->notes, "presets: %zu references\n", r->c->n_references - before);
	return 0;
}

int conf_presets(struct conf_reader *r, const struct yaml_node *node)
{
	const char *folder = getenv("SCRNASEQ_DATA_DIR");
	struct search *s = search_new();
	struct references studies = {0};
	struct samples samples = {.n = 0};
	int ret = 0;

	if (!folder || !*folder)
		ret = yaml_error(r->y, node, r->err,
				 "presets ask about local studies: SCRNASEQ_DATA_DIR is not set");
	if (ret == 0 && node->kind != YAML_LIST)
		ret = add_question(r, node, s);
	for (size_t i = 0; ret == 0 && node->kind == YAML_LIST && i < node->n; i++)
		ret = add_question(r, node->items[i], s);
	if (ret == 0)
		ret = studies_add(&studies, folder, &samples, r->err);
	if (ret == 0)
		ret = add_studies(r, node, s, &studies);
	references_release(&studies);
	samples_release(&samples);
	search_free(s);
	return ret;
}
