#include "conf/parts_private.h"

#include <strings.h>

#include "conf/stamp.h"

const char *parts_columns(const struct config *c)
{
#define CALLS                                                                                   \
	"label=celltypist,label_original=celltypist_original,confidence=celltypist_confidence," \
	"model=celltypist_model,reason=celltypist_reason"
#define IDS                                                               \
	",cl_id=celltypist_ontology_id,cl_name=celltypist_ontology_name," \
	"cl_score=celltypist_ontology_score"
	return c->ontology ? CALLS IDS : CALLS;
}

static int put(const struct parts *to, const char *kind, const char *name, const char *line,
	       struct err *err)
{
	char *full = mem_printf("%s%s%s", kind ? kind : "", kind ? "." : "", name);
	int ret = to->put(to->arg, full, line, err);

	free(full);
	return ret;
}

static void add_word(struct text *t, const char *word)
{
	text_add(t, "%s%s", t->len ? " " : "", word);
}

static const char *setting_value(const struct config *c, const char *section, const char *key)
{
	for (size_t i = 0; i < N_SETTINGS; i++)
		if (str_eq(settings[i].section, section) && str_eq(settings[i].key, key))
			return c->settings[i];
	BUG("no setting %s.%s", section, key);
}

/* Does the ensemble vote on ontology ids? Then its step maps the models' labels first. */
static bool needs_map(const struct config *c)
{
	const char *rule = setting_value(c, "ensemble", "rule");

	return rule && str_eq(rule, "ontology");
}

/* The run's tissue, for cl-map, unless the ontology's settings name another. */
static const char *tissue_of_labels(const struct config *c)
{
	bool known = c->tissue && strcasecmp(c->tissue, "unknown") != 0;

	return known && !setting_value(c, "ontology", "tissue") ? c->tissue : NULL;
}

/* ---- params ---- */

/* cl-map's options among the ensemble's: each word as --cl-map=WORD (workflows/ensemble-or-stop).
 */
static void add_map_settings(struct text *t, const struct config *c)
{
	for (size_t i = 0; i < N_SETTINGS; i++)
		if (c->settings[i] && str_eq(settings[i].section, "ontology"))
			text_add(t, " --cl-map=%s --cl-map=%s", settings[i].option, c->settings[i]);
	if (tissue_of_labels(c))
		text_add(t, " --cl-map=--tissue --cl-map=%s", tissue_of_labels(c));
}

static void add_settings(struct text *t, const struct config *c, const char *section)
{
	for (size_t i = 0; i < N_SETTINGS; i++) {
		if (!c->settings[i] || !str_eq(settings[i].section, section))
			continue;
		add_word(t, settings[i].option);
		if (settings[i].kind != SETTING_FLAG)
			add_word(t, c->settings[i]);
	}
	if (str_eq(section, "ontology") && tissue_of_labels(c)) {
		add_word(t, "--tissue");
		add_word(t, tissue_of_labels(c));
	}
	if (str_eq(section, "ensemble") && needs_map(c))
		add_map_settings(t, c);
	if (c->vote && str_eq(section, "gate")) /* what was voted is what is judged */
		add_word(t, "--column majority_voting");
}

static int put_reference_params(const struct conf_reference *ref, const struct parts *to,
				struct err *err)
{
	struct text t = TEXT_INIT;
	int ret;

	text_add(&t, "-l %s", ref->label);
	if (ref->cells)
		text_add(&t, " -n %zu", ref->cells);
	ret = put(to, "reference", ref->name, t.s, err);
	text_release(&t);
	return ret;
}

/* The label column of every reference, for concat --unify. */
static int put_concat_params(const struct config *c, const struct parts *to, struct err *err)
{
	struct text t = TEXT_INIT;
	int ret;

	text_add(&t, "--unify unified_cell_type=");
	for (size_t i = 0; i < c->n_references; i++)
		text_add(&t, "%s%s", i ? "," : "", c->references[i].label);
	text_add(&t, " --label reference_source --keys ");
	for (size_t i = 0; i < c->n_references; i++)
		text_add(&t, "%s%s", i ? "," : "", c->references[i].name);
	if (c->panel)
		text_add(&t, " --genes %s", c->panel);
	ret = put(to, NULL, "concat", t.s, err);
	text_release(&t);
	return ret;
}

static int put_report_params(const struct config *c, const struct parts *to, struct err *err)
{
	struct text t = TEXT_INIT;
	int ret;

	if (c->batch)
		text_add(&t, "--batch %s", c->batch);
	ret = put(to, NULL, "report", t.s, err);
	text_release(&t);
	return ret;
}

int parts_params(const struct config *c, const struct parts *to, struct err *err)
{
	struct text t = TEXT_INIT;
	int ret = 0;

	for (size_t i = 0; setting_sections[i] && ret == 0; i++) {
		text_clear(&t);
		add_settings(&t, c, setting_sections[i]);
		ret = put(to, NULL, setting_sections[i], t.s, err);
	}
	for (size_t i = 0; i < c->n_references && ret == 0; i++)
		ret = put_reference_params(&c->references[i], to, err);
	if (ret == 0)
		ret = put_concat_params(c, to, err);
	if (ret == 0)
		ret = put_report_params(c, to, err);
	text_release(&t);
	return ret;
}

/* ---- stamps ---- */

/* The stamp of a file, empty when there is none. */
static int put_file(const struct parts *to, const char *kind, const char *name, const char *path,
		    struct err *err)
{
	struct text t = TEXT_INIT;
	int ret = stamp_source(&t, path, err);

	if (ret == 0)
		ret = put(to, kind, name, t.s, err);
	text_release(&t);
	return ret;
}

/* Of what is fetched by its name: the name, and the registry that says what it is. */
static int put_fetched(const struct config *c, const struct parts *to, const char *kind,
		       const char *name, const char *id, struct err *err)
{
	struct text t = TEXT_INIT;
	int ret;

	add_word(&t, id);
	if (c->discover)
		add_word(&t, c->discover);
	ret = stamp_file(&t, c->registry, err);
	if (ret == 0)
		ret = put(to, kind, name, t.s, err);
	text_release(&t);
	return ret;
}

static int put_files(const struct config *c, const struct parts *to, struct err *err)
{
	int ret = put_file(to, NULL, "panel", c->panel, err);

	for (size_t i = 0; i < c->n_references && ret == 0; i++) {
		const struct conf_reference *ref = &c->references[i];

		ret = ref->id ? put_fetched(c, to, "reference", ref->name, ref->id, err)
			      : put_file(to, "reference", ref->name, ref->path, err);
	}
	for (size_t i = 0; i < c->n_queries && ret == 0; i++)
		ret = put_file(to, "query", c->queries[i].name, c->queries[i].path, err);
	for (size_t i = 0; i < c->n_models && ret == 0; i++) {
		const struct conf_model *model = &c->models[i];

		ret = model->path ? put_file(to, "model", model->name, model->path, err)
				  : put_fetched(c, to, "model", model->name, model->name, err);
	}
	return ret;
}

/* Which models speak, and with what weights. */
static int put_ensemble(const struct config *c, const struct parts *to, struct err *err)
{
	struct text t = TEXT_INIT;
	int ret;

	if (c->n_references)
		add_word(&t, "trained");
	for (size_t i = 0; i < c->n_models; i++)
		add_word(&t, c->models[i].name);
	ret = stamp_file(&t, setting_value(c, "ensemble", "weights"), err);
	if (ret == 0 && needs_map(c))
		ret = stamp_file(&t, setting_value(c, "ontology", "overrides"), err);
	if (ret == 0)
		ret = put(to, NULL, "ensemble", t.s, err);
	text_release(&t);
	return ret;
}

/* What the page shows. */
static int put_report(const struct config *c, const struct parts *to, struct err *err)
{
	struct text t = TEXT_INIT;
	int ret;

	text_add(&t, "truth=%s multiqc=%s", c->truth ? c->truth : "", c->multiqc ? "yes" : "no");
	for (size_t i = 0; i < c->n_queries; i++)
		add_word(&t, c->queries[i].name);
	ret = put(to, NULL, "report", t.s, err);
	text_release(&t);
	return ret;
}

static int put_steps(const struct config *c, const struct parts *to, struct err *err)
{
	struct text t = TEXT_INIT;
	int ret;

	parts_manifests(c, &t);
	ret = put(to, NULL, "steps", t.s, err);
	text_release(&t);
	return ret;
}

int parts_stamps(const struct config *c, const struct parts *to, struct err *err)
{
	if (put_files(c, to, err) ||
	    put_file(to, NULL, "ontology", setting_value(c, "ontology", "overrides"), err) ||
	    put_ensemble(c, to, err) || put_report(c, to, err) || put_steps(c, to, err) ||
	    put(to, NULL, "harmonise", c->harmonise ? "yes" : "no", err) ||
	    put(to, NULL, "clusters", c->clusters ? c->clusters : "", err) ||
	    put(to, NULL, "truth", c->truth ? c->truth : "", err))
		return -1;
	return put(to, NULL, "table", parts_columns(c), err);
}
