/* plan.c - a plan as files that Make reads, and as JSON. */
#include "base/util.h"

#include <unistd.h>

#include "base/folder.h"
#include "base/json.h"
#include "base/outfile.h"
#include "conf/intact.h"
#include "conf/plan_private.h"

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

/* A text for a recipe or a list of files of Make's. */
static void add_for_make(struct text *t, const char *s, const char *folder)
{
	struct text plain = TEXT_INIT;

	steps_text(&plain, s, folder, "");
	for (const char *at = plain.s; *at; at++)
		text_add(t, *at == '$' ? "$$" : "%c", *at);
	text_release(&plain);
}

static void add_files(struct text *t, const struct step_words *files, const char *folder)
{
	for (size_t i = 0; i < files->n; i++) {
		if (t->len && t->s[t->len - 1] != '\n')
			text_add_char(t, ' ');
		add_for_make(t, files->items[i], folder);
	}
}

/* The outputs that others wait for, of all steps but those that read manifests. */
static void add_outputs(struct text *t, const struct steps *steps, const char *folder)
{
	for (size_t i = 0; i < steps->n; i++)
		if (!steps->all[i].reads_manifests) {
			text_add_char(t, ' ');
			add_for_make(t, steps->all[i].outputs.items[0], folder);
		}
}

static void add_rule(struct text *t, const struct steps *steps, const struct step *step,
		     const char *folder)
{
	struct step_words outputs = step->outputs;

	text_add_char(t, '\n');
	add_files(t, &outputs, folder);
	text_add(t, "%s", outputs.n > 1 ? " &:" : ":");
	add_files(t, &step->inputs, folder);
	text_add(t, " %s/stamps/%s", folder, step->name);
	if (step->reads_manifests) {
		text_add(t, " %s/stamps/steps |", folder);
		add_outputs(t, steps, folder);
	}
	text_add(t, "\n\t$(call step,%s", step->of[NOUN_QUERY] ? "-q " : "");
	add_for_make(t, step->manifest, folder);
	add_files(t, &outputs, folder);
	text_add(t, ") ");
	add_for_make(t, step->command, folder);
	text_add_char(t, '\n');
}

static void add_run(struct text *t, const struct config *c, const struct steps *steps,
		    const char *config_path, const char *folder)
{
	text_add(t, WRITTEN_FROM "%s: change that file, not this one.\n", config_path);
	text_add(t, "QUERIES :=");
	for (size_t i = 0; i < c->n_queries; i++)
		text_add(t, " %s", c->queries[i].name);
	text_add(t, "\nSTEPS :=");
	for (size_t i = 0; i < steps->n; i++) {
		text_add_char(t, ' ');
		add_for_make(t, steps->all[i].outputs.items[0], folder);
	}
	text_add_char(t, '\n');
	for (size_t i = 0; i < steps->n; i++)
		add_rule(t, steps, &steps->all[i], folder);
}

/* ---- stamps/STEP, and stamps/steps: all that there are ---- */

static int write_stamp(const char *folder, const char *name, struct text *content, struct err *err)
{
	char *path = mem_printf("stamps/%s", name);
	int ret;

	text_add_char(content, '\n');
	ret = plan_write_if_changed(folder, path, content, err);
	free(path);
	text_clear(content);
	return ret;
}

/* The names of the steps whose manifests tell of the run: what its folder has of others is not. */
static void add_names(struct text *t, const struct steps *steps)
{
	for (size_t i = 0; i < steps->n; i++)
		if (!str_eq(steps->all[i].row->where, "part"))
			text_add(t, "%s%s", t->len ? " " : "", steps->all[i].name);
}

static int make_stamps(const char *folder, struct err *err)
{
	char *path = mem_printf("%s/stamps", folder);
	int ret = folder_make(path, err);

	free(path);
	return ret;
}

int plan_write_steps(const struct steps *steps, const char *folder, struct err *err)
{
	struct text t = TEXT_INIT;
	int ret = make_stamps(folder, err);

	add_names(&t, steps);
	if (ret == 0)
		ret = write_stamp(folder, "steps", &t, err);
	text_release(&t);
	return ret;
}

/* A step whose outputs were changed gets a stamp that is newer than they. */
static void mistrust_changed(const struct steps *steps, const char *folder, struct text *told)
{
	struct text which = TEXT_INIT;

	for (size_t i = 0; i < steps->n; i++) {
		char *stamp = mem_printf("%s/stamps/%s", folder, steps->all[i].name);

		if (!step_is_intact(&steps->all[i], folder, &which)) {
			text_add(told, "%s is not what %s wrote: it is made again\n", which.s,
				 steps->all[i].name);
			unlink(stamp);
		}
		text_clear(&which);
		free(stamp);
	}
	text_release(&which);
}

int plan_write(const struct config *c, const struct steps *steps, const char *config_path,
	       const char *folder, struct text *told, struct err *err)
{
	struct text t = TEXT_INIT;
	int ret = plan_write_steps(steps, folder, err);

	mistrust_changed(steps, folder, told);
	for (size_t i = 0; i < steps->n && ret == 0; i++) {
		ret = step_stamp(&t, &steps->all[i], err);
		if (ret == 0)
			ret = write_stamp(folder, steps->all[i].name, &t, err);
	}
	add_run(&t, c, steps, config_path, folder);
	if (ret == 0)
		ret = plan_write_if_changed(folder, "run.mk", &t, err);
	text_release(&t);
	return ret;
}

/* ---- JSON ---- */

static void json_text(struct json *j, const char *key, const char *s, const char *folder)
{
	struct text t = TEXT_INIT;

	steps_text(&t, s, folder, "{threads}");
	json_str(j, key, t.s);
	text_release(&t);
}

static void json_list(struct json *j, const char *key, const struct step_words *words,
		      const char *folder)
{
	json_open_array(j, key);
	for (size_t i = 0; i < words->n; i++)
		json_text(j, NULL, words->items[i], folder);
	json_close(j);
}

static int json_step(struct json *j, const struct step *step, const char *folder, struct err *err)
{
	struct text stamp = TEXT_INIT;
	int ret = step_stamp(&stamp, step, err);

	json_open_object(j, NULL);
	json_str(j, "name", step->name);
	json_str(j, "step", step->row->name);
	json_open_object(j, "of");
	for (size_t i = 0; i < step->row->n_of; i++)
		json_str(j, noun_names[step->row->of[i]], step->of[step->row->of[i]]);
	json_close(j);
	json_list(j, "inputs", &step->inputs, folder);
	json_list(j, "sources", &step->sources, folder);
	json_list(j, "outputs", &step->outputs, folder);
	json_list(j, "patterns", &step->patterns, folder);
	json_bool(j, "reads_manifests", step->reads_manifests);
	json_text(j, "manifest", step->manifest, folder);
	json_size(j, "threads", step->row->threads);
	json_str(j, "where", step->row->where);
	json_text(j, "command", step->command, folder);
	json_str(j, "stamp", stamp.s);
	json_close(j);
	text_release(&stamp);
	return ret;
}

int plan_print(const struct config *c, const struct steps *steps, const char *folder, FILE *file,
	       struct err *err)
{
	struct json j = json_start(file);
	struct text names = TEXT_INIT;
	int ret = 0;

	add_names(&names, steps);
	json_open_object(&j, NULL);
	json_str(&j, "name", c->name);
	json_str(&j, "run", folder);
	json_str(&j, "names", names.s);
	json_open_array(&j, "steps");
	for (size_t i = 0; i < steps->n && ret == 0; i++)
		ret = json_step(&j, &steps->all[i], folder, err);
	json_close(&j);
	json_close(&j);
	text_release(&names);
	return ret;
}
