#include "conf/plan_private.h"

#include <errno.h>
#include <sys/stat.h>

#include "base/json.h"
#include "base/outfile.h"
#include "conf/parts_private.h"

int plan_make_folders(const char *path, struct err *err)
{
	char *copy = mem_str(path);
	int ret = 0;

	for (char *at = copy + 1; ret == 0; at++) {
		char was = *at;

		if (was != '/' && was != '\0')
			continue;
		*at = '\0';
		if (mkdir(copy, 0777) && errno != EEXIST)
			ret = err_errno(err, "%s: cannot make this folder", copy);
		*at = was;
		if (was == '\0')
			break;
	}
	free(copy);
	return ret;
}

static bool holds_already(const char *path, const struct text *content)
{
	FILE *file = fopen(path, "r");
	char *have = mem_alloc(content->len + 1, 1);
	bool same = file && fread(have, 1, content->len + 1, file) == content->len &&
		    memcmp(have, content->s, content->len) == 0;

	if (file)
		fclose(file);
	free(have);
	return same;
}

int plan_write_if_changed(const char *folder, const char *name, const struct text *content,
			  struct err *err)
{
	char *path = mem_printf("%s/%s", folder, name);
	struct outfile *out;
	int ret = 0;

	if (!holds_already(path, content)) {
		out = outfile_open(path, err);
		if (out)
			fwrite(content->s, 1, content->len, outfile_stream(out));
		ret = out ? outfile_commit(out, err) : -1;
	}
	free(path);
	return ret;
}

/* ---- run.mk ---- */

static void add_variable(struct text *t, const char *name, const char *of, const char *key,
			 const char *value)
{
	text_add(t, "%s%s%s%s%s := %s\n", name, of ? "." : "", of ? of : "", key ? "." : "",
		 key ? key : "", value ? value : "");
}

static void add_switch(struct text *t, const char *name, bool on)
{
	add_variable(t, name, NULL, NULL, on ? "yes" : "");
}

static void add_references(struct text *t, const struct config *c)
{
	text_add(t, "REFERENCES :=");
	for (size_t i = 0; i < c->n_references; i++)
		text_add(t, " %s", c->references[i].name);
	text_add_char(t, '\n');
	for (size_t i = 0; i < c->n_references; i++) {
		const struct conf_reference *ref = &c->references[i];

		add_variable(t, "REFERENCE", ref->name, "path", ref->path);
		add_variable(t, "REFERENCE", ref->name, "id", ref->id);
		add_variable(t, "REFERENCE", ref->name, "label", ref->label);
	}
}

static void add_queries(struct text *t, const struct config *c)
{
	text_add(t, "QUERIES :=");
	for (size_t i = 0; i < c->n_queries; i++)
		text_add(t, " %s", c->queries[i].name);
	text_add_char(t, '\n');
	for (size_t i = 0; i < c->n_queries; i++)
		add_variable(t, "QUERY", c->queries[i].name, "path", c->queries[i].path);
}

static void add_models(struct text *t, const struct config *c)
{
	text_add(t, "MODELS :=%s", c->n_references ? " trained" : "");
	for (size_t i = 0; i < c->n_models; i++)
		text_add(t, " %s", c->models[i].name);
	text_add_char(t, '\n');
	for (size_t i = 0; i < c->n_models; i++)
		add_variable(t, "MODEL", c->models[i].name, "path", c->models[i].path);
}

static void add_run(struct text *t, const struct config *c, const char *config_path)
{
	text_add(t, WRITTEN_FROM "%s: change that file, not this one.\n", config_path);
	add_variable(t, "NAME", NULL, NULL, c->name);
	add_variable(t, "PANEL", NULL, NULL, c->panel);
	add_variable(t, "REGISTRY", NULL, NULL, c->registry);
	add_variable(t, "DISCOVER", NULL, NULL, c->discover);
	add_variable(t, "TRUTH", NULL, NULL, c->truth);
	add_variable(t, "CLUSTERS", NULL, NULL, c->clusters);
	add_variable(t, "COLUMNS", NULL, NULL, parts_columns(c));
	add_switch(t, "HARMONISE", c->harmonise);
	add_switch(t, "VOTE", c->vote);
	add_switch(t, "ONTOLOGY", c->ontology);
	add_switch(t, "MAKE_H5AD", c->h5ad);
	add_switch(t, "MAKE_REPORT", c->report);
	add_switch(t, "MAKE_MULTIQC", c->multiqc);
	add_references(t, c);
	add_queries(t, c);
	add_models(t, c);
}

/* ---- params/STEP and stamps/THING ---- */

struct group {
	const char *folder, *name;
};

static int put_in_file(void *arg, const char *part, const char *line, struct err *err)
{
	const struct group *group = arg;
	char *name = mem_printf("%s/%s", group->name, part);
	struct text content = TEXT_INIT;
	int ret;

	text_add(&content, "%s\n", line);
	ret = plan_write_if_changed(group->folder, name, &content, err);
	text_release(&content);
	free(name);
	return ret;
}

static int write_group(const struct config *c, const char *folder, const char *name,
		       int parts_of(const struct config *, const struct parts *, struct err *),
		       struct err *err)
{
	struct group group = {folder, name};
	char *path = mem_printf("%s/%s", folder, name);
	int ret = plan_make_folders(path, err);

	if (ret == 0)
		ret = parts_of(c, &(struct parts){put_in_file, &group}, err);
	free(path);
	return ret;
}

int plan_write(const struct config *c, const char *config_path, const char *folder, struct err *err)
{
	struct text run = TEXT_INIT;
	int ret = write_group(c, folder, "params", parts_params, err);

	if (ret == 0)
		ret = write_group(c, folder, "stamps", parts_stamps, err);
	add_run(&run, c, config_path);
	if (ret == 0)
		ret = plan_write_if_changed(folder, "run.mk", &run, err);
	text_release(&run);
	return ret;
}

int plan_write_steps(const struct config *c, const char *folder, struct err *err)
{
	struct text steps = TEXT_INIT;
	char *stamps = mem_printf("%s/stamps", folder);
	int ret = plan_make_folders(stamps, err);

	parts_manifests(c, &steps);
	text_add_char(&steps, '\n');
	if (ret == 0)
		ret = plan_write_if_changed(stamps, "steps", &steps, err);
	text_release(&steps);
	free(stamps);
	return ret;
}

/* ---- JSON ---- */

static void json_text(struct json *j, const char *key, const char *value)
{
	json_str(j, key, value ? value : "");
}

static void json_part(struct json *j, const char *name, const char *path, const char *id,
		      const char *label)
{
	json_object(j, NULL);
	json_str(j, "name", name);
	json_text(j, "path", path);
	if (id)
		json_str(j, "id", id);
	if (label)
		json_str(j, "label", label);
	json_close(j);
}

static void json_parts(struct json *j, const struct config *c)
{
	json_array(j, "references");
	for (size_t i = 0; i < c->n_references; i++)
		json_part(j, c->references[i].name, c->references[i].path, c->references[i].id,
			  c->references[i].label);
	json_close(j);
	json_array(j, "queries");
	for (size_t i = 0; i < c->n_queries; i++)
		json_part(j, c->queries[i].name, c->queries[i].path, NULL, NULL);
	json_close(j);
	json_array(j, "models");
	if (c->n_references)
		json_part(j, "trained", NULL, NULL, NULL);
	for (size_t i = 0; i < c->n_models; i++)
		json_part(j, c->models[i].name, c->models[i].path, NULL, NULL);
	json_close(j);
}

static int put_in_json(void *arg, const char *part, const char *line, struct err *err)
{
	(void)err;
	json_str(arg, part, line);
	return 0;
}

int plan_print(const struct config *c, FILE *file, struct err *err)
{
	struct json j = json_start(file);
	struct parts parts = {put_in_json, &j};
	int ret;

	json_object(&j, NULL);
	json_str(&j, "name", c->name);
	json_text(&j, "panel", c->panel);
	json_text(&j, "discover", c->discover);
	json_text(&j, "registry", c->registry);
	json_text(&j, "truth", c->truth);
	json_text(&j, "clusters", c->clusters);
	json_str(&j, "columns", parts_columns(c));
	json_bool(&j, "harmonise", c->harmonise);
	json_bool(&j, "vote", c->vote);
	json_bool(&j, "ontology", c->ontology);
	json_bool(&j, "h5ad", c->h5ad);
	json_bool(&j, "report", c->report);
	json_bool(&j, "multiqc", c->multiqc);
	json_parts(&j, c);
	json_object(&j, "params");
	ret = parts_params(c, &parts, err);
	json_close(&j);
	json_object(&j, "stamps");
	if (ret == 0)
		ret = parts_stamps(c, &parts, err);
	json_close(&j);
	json_close(&j);
	return ret;
}
