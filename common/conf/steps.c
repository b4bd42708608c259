/* steps.c - the steps that there are: every row of the table for everything it is of. */
#include "base/util.h"

#include "conf/steps.h"

#include "conf/stamp_private.h"
#include "conf/steps_private.h"

/* ---- one step ---- */

static void release_words(struct step_words *w)
{
	free(w->items);
	*w = (struct step_words){0};
}

/* A file of the run: what has no mark yet gets STEP_RUN in front. */
static const char *file_of_run(struct scope *x, const char *word)
{
	struct text t = TEXT_INIT;
	const char *kept;

	if (*word == STEP_RUN || *word == STEP_SOURCE)
		return word;
	text_add(&t, "%c/%s", STEP_RUN, word);
	kept = scope_keep(x, t.s);
	text_release(&t);
	return kept;
}

struct filling {
	struct step *step;
	struct step_words *inputs; /* per word */
	size_t n_inputs;
};

static int add_input(struct scope *x, const char *word, void *arg)
{
	struct filling *f = arg;
	struct step_words *files;

	if (str_eq(word, "manifests")) {
		f->step->reads_manifests = true;
		return 0;
	}
	f->inputs = mem_resize(f->inputs, f->n_inputs + 1, sizeof(*f->inputs));
	files = &f->inputs[f->n_inputs++];
	*files = (struct step_words){0};
	if (scope_fill(x, word, files))
		return -1;
	for (size_t i = 0; i < files->n; i++) {
		const char *file = file_of_run(x, files->items[i]);

		files->items[i] = file;
		if (*file == STEP_SOURCE)
			step_words_add(&f->step->sources, file + 1);
		else
			step_words_add(&f->step->inputs, file);
	}
	return 0;
}

static int add_output(struct scope *x, const char *word, void *arg)
{
	struct step *step = arg;
	size_t before = step->outputs.n;

	if (scope_fill(x, word, &step->outputs))
		return -1;
	for (size_t i = before; i < step->outputs.n; i++) {
		const char *mark = strchr(word, '?');

		step->outputs.items[i] = file_of_run(x, step->outputs.items[i]);
		step_words_add(&step->patterns,
			       file_of_run(x, scope_keep(x, mark ? mark + 1 : word)));
	}
	return 0;
}

/* What the config sets of a section that the filter takes. */
static int add_section(struct scope *x, const char *section, void *arg)
{
	struct filling *f = arg;
	bool known = false;

	for (size_t i = 0; i < n_settings; i++) {
		const char *value = x->c->settings[i];

		if (!str_eq(settings[i].section, section))
			continue;
		known = true;
		if (!value || !settings[i].option)
			continue;
		step_words_add((struct step_words *)x->options, settings[i].option);
		if (settings[i].kind != SETTING_FLAG)
			step_words_add((struct step_words *)x->options, value);
		if (settings[i].kind == SETTING_PATH)
			step_words_add(&f->step->sources, value);
	}
	return known ? 0 : scope_error(x, "%s: there is no such section of settings", section);
}

static int add_word(struct scope *x, const char *word, void *arg)
{
	struct text *command = arg;
	struct step_words words = {0};
	int ret = 0;

	if (str_eq(word, "{options}"))
		for (size_t i = 0; i < x->options->n; i++)
			step_words_add(&words, x->options->items[i]);
	else if (str_eq(word, "{threads}"))
		text_add(command, "%c", STEP_THREADS);
	else
		ret = scope_fill(x, word, &words);
	for (size_t i = 0; i < words.n && ret == 0; i++) {
		if (command->len && command->s[command->len - 1] != STEP_THREADS)
			text_add_char(command, ' ');
		for (const char *at = words.items[i]; *at; at++)
			if (*at != STEP_SOURCE)
				text_add_char(command, *at);
	}
	release_words(&words);
	return ret;
}

/* The name of a step, and what it is of by their names. */
static void name_step(struct scope *x, struct step *step)
{
	struct text name = TEXT_INIT;

	text_add(&name, "%s", x->row->name);
	for (size_t i = 0; i < x->row->n_of; i++) {
		enum noun noun = x->row->of[i];

		step->of[noun] = noun_name(x, noun, x->bound[noun]);
		text_add(&name, ".%s", step->of[noun]);
	}
	step->name = scope_keep(x, name.s);
	text_clear(&name);
	text_add(&name, "%c/%smanifests/%s.json", STEP_RUN,
		 str_eq(x->row->where, "part") ? "shards/" : "", step->name);
	step->manifest = scope_keep(x, name.s);
	text_release(&name);
}

static int fill_step(struct scope *x, struct step *step)
{
	struct filling f = {.step = step};
	struct step_words options = {0};
	struct text command = TEXT_INIT;
	int ret;

	name_step(x, step);
	x->options = &options;
	ret = words_of_cell(x, x->row->inputs, add_input, &f) ||
	      words_of_cell(x, x->row->outputs, add_output, step) ||
	      words_of_cell(x, x->row->options, add_section, &f);
	if (ret == 0 && !step->outputs.n)
		ret = scope_error(x, "%s has no output", step->name);
	x->inputs = f.inputs ? f.inputs : &options; /* never NULL: the inputs are known now */
	x->n_inputs = f.n_inputs;
	x->outputs = &step->outputs;
	if (ret == 0)
		ret = words_of_cell(x, x->row->command, add_word, &command);
	step->command = scope_keep(x, command.s);
	x->inputs = x->outputs = x->options = NULL;
	for (size_t i = 0; i < f.n_inputs; i++)
		release_words(&f.inputs[i]);
	free(f.inputs);
	release_words(&options);
	text_release(&command);
	return ret ? -1 : 0;
}

/* ---- all of them ---- */

static int add_steps(struct scope *x, size_t depth)
{
	struct steps *s = x->steps;
	enum noun noun;
	int ret;

	if (depth == x->row->n_of) {
		ret = scope_holds(x, x->row->when);
		if (ret <= 0)
			return ret;
		MEM_GROW(s->all, s->n + 1, s->cap);
		s->all[s->n] = (struct step){.row = x->row};
		return fill_step(x, &s->all[s->n++]);
	}
	noun = x->row->of[depth];
	ret = 0;
	for (size_t i = 1; i <= noun_count(x, noun) && ret == 0; i++) {
		x->bound[noun] = i;
		ret = add_steps(x, depth + 1);
	}
	x->bound[noun] = 0;
	return ret;
}

/* Names, and whose they are. */
struct claims {
	struct strtab names;
	const struct step **owners;
	size_t cap;
};

/* Whose a name is: the step's, from now on, or that of another before it. */
static const struct step *claim(struct claims *c, const char *name, const struct step *step)
{
	size_t before = c->names.n;
	uint32_t id = strtab_add(&c->names, name);

	if (c->names.n > before) {
		MEM_GROW(c->owners, c->names.n, c->cap);
		c->owners[id] = step;
	}
	return c->owners[id];
}

static void release_claims(struct claims *c)
{
	strtab_release(&c->names);
	free(c->owners);
}

/* The name of a file without the mark of the run's folder. */
static const char *short_name(const char *file)
{
	return file + strlen("\1/");
}

static int check_step(struct claims *names, struct claims *files, const struct steps *s,
		      const struct step *step, struct err *err)
{
	if (claim(names, step->name, step) != step)
		return err_set(err,
			       "two steps would be called %s: give a reference, a query or a model "
			       "another name with name:",
			       step->name);
	for (size_t i = 0; i < step->inputs.n; i++)
		if (strtab_find(&files->names, step->inputs.items[i]) == STRTAB_NONE)
			return err_set(err, "%s:%zu: %s reads %s, which no step above makes",
				       s->table, step->row->line, step->name,
				       short_name(step->inputs.items[i]));
	for (size_t i = 0; i < step->outputs.n; i++) {
		const struct step *other = claim(files, step->outputs.items[i], step);

		if (other != step)
			return err_set(err,
				       "%s and %s would both write %s: give a reference, a query "
				       "or a model another name with name:",
				       other->name, step->name, short_name(step->outputs.items[i]));
	}
	return 0;
}

/* No two steps with one name or one file, and none that reads what none before it makes. */
static int check_steps(const struct steps *s, struct err *err)
{
	struct claims names = {.cap = 0}, files = {.cap = 0};
	int ret = 0;

	for (size_t i = 0; i < s->n && ret == 0; i++)
		ret = check_step(&names, &files, s, &s->all[i], err);
	release_claims(&names);
	release_claims(&files);
	return ret;
}

struct steps *steps_plan(const struct config *c, const struct steps_wanted *wanted, struct err *err)
{
	struct steps *s = mem_zero(1, sizeof(*s));
	struct scope x = {.c = c,
			  .steps = s,
			  .n_shards = wanted->n_shards,
			  .far_clusters = wanted->far_clusters,
			  .err = err};
	int ret;

	s->table = arena_str(&s->arena, wanted->table, strlen(wanted->table));
	ret = steps_read_rows(s, err);
	for (size_t i = 0; i < s->n_rows && ret == 0; i++) {
		x.row = &s->rows[i];
		ret = add_steps(&x, 0);
	}
	if (ret == 0 && check_steps(s, err) == 0)
		return s;
	steps_free(s);
	return NULL;
}

void steps_free(struct steps *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->n; i++) {
		release_words(&s->all[i].inputs);
		release_words(&s->all[i].sources);
		release_words(&s->all[i].outputs);
		release_words(&s->all[i].patterns);
	}
	free(s->all);
	free(s->rows);
	arena_release(&s->arena);
	free(s);
}

/* ---- as text ---- */

void steps_text(struct text *t, const char *s, const char *run, const char *threads)
{
	for (; *s; s++) {
		if (*s == STEP_RUN)
			text_add(t, "%s", run);
		else if (*s == STEP_THREADS)
			text_add(t, " %s%s", threads, *threads ? " " : "");
		else
			text_add_char(t, *s);
	}
}

int step_stamp(struct text *t, const struct step *step, struct err *err)
{
	steps_text(t, step->command, "", "");
	for (size_t i = 0; i < step->sources.n; i++) {
		text_add(t, " |");
		if (stamp_source(t, step->sources.items[i], err))
			return -1;
	}
	return 0;
}
