/* import.c - see import.h. */
#include "base/util.h"

#include <math.h>

#include "base/strtab.h"
#include "base/text.h"
#include "import/import.h"

void import_release(struct import *in)
{
	stream_free(in->stream);
	names_release(&in->cells);
	names_release(&in->genes);
	names_release(&in->ids);
	names_release(&in->symbols);
	names_release(&in->types);
	names_release(&in->genomes);
	*in = (struct import){.stream = NULL};
}

int import_check_text(const char *path, size_t line, const char *s, size_t len, struct err *err)
{
	if (utf8_valid(s, len))
		return 0;
	return err_set(err,
		       "%s: line %zu: the text is not UTF-8 (iconv -f latin1 -t utf-8 converts it)",
		       path, line);
}

static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
				1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
				1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/* The slow way, for exponents, many digits and odd spellings. */
static bool number_slowly(const char *s, size_t len, float *value)
{
	char copy[512];
	double number;

	if (len >= sizeof(copy))
		return false;
	memcpy(copy, s, len);
	copy[len] = '\0';
	if (strpbrk(copy, "xX") || !parse_double(copy, &number) || !isfinite((float)number))
		return false;
	*value = (float)number;
	return true;
}

/*
 * Up to 15 digits and a power of ten up to 22 are exact doubles, and one division of exact
 * doubles rounds as strtod does; so the short way gives the same number as the long one.
 */
bool import_number(const char *s, size_t len, float *value)
{
	const char *at = s, *end = s + len;
	uint64_t digits = 0;
	size_t n_digits = 0, n_after = 0;
	bool negative = len && *s == '-';

	if (len == 1 && *s == '0') {
		*value = 0;
		return true;
	}
	at += negative;
	for (; at < end && *at >= '0' && *at <= '9'; at++, n_digits++)
		digits = digits * 10 + (uint64_t)(*at - '0');
	if (at < end && *at == '.')
		for (at++; at < end && *at >= '0' && *at <= '9'; at++, n_digits++, n_after++)
			digits = digits * 10 + (uint64_t)(*at - '0');
	if (at != end || n_digits == 0 || n_digits > 15)
		return number_slowly(s, len, value);
	double number = (double)digits / powers[n_after];
	*value = (float)(negative ? -number : number);
	return true;
}

/* ---- which features ---- */

static size_t list_distinct(const struct names *list, struct strtab *distinct)
{
	for (size_t i = 0; i < list->n; i++)
		strtab_add(distinct, list->s[i]);
	return distinct->n;
}

/* An error that lists what there is. */
static int no_such(const char *path, const char *what, const char *wanted,
		   const struct strtab *there, struct err *err)
{
	struct text list = TEXT_INIT;

	for (size_t i = 0; i < there->n && i < 20; i++)
		text_add(&list, "%s%s", i ? ", " : "", strtab_str(there, (uint32_t)i));
	err_set(err, "%s: there is no %s \"%s\" (there is: %s)", path, what, wanted, list.s);
	text_release(&list);
	return -1;
}

/* The type of feature to keep: NULL for all. */
static int choose_type(const struct import *all, const struct feature_choice *choice,
		       const char *path, const char **type, struct err *err)
{
	struct strtab types = {0};
	int ret = 0;

	*type = NULL;
	list_distinct(&all->types, &types);
	if (choice->type && !str_eq(choice->type, "all")) {
		*type = choice->type;
		if (strtab_find(&types, *type) == STRTAB_NONE)
			ret = no_such(path, "feature type", *type, &types, err);
	} else if (!choice->type && strtab_find(&types, "Gene Expression") != STRTAB_NONE) {
		*type = "Gene Expression";
	}
	strtab_release(&types);
	return ret;
}

static int check_genome(const struct import *all, const struct feature_choice *choice,
			const char *path, struct err *err)
{
	struct strtab genomes = {0};
	int ret = 0;

	if (!choice->genome)
		return 0;
	list_distinct(&all->genomes, &genomes);
	if (strtab_find(&genomes, choice->genome) == STRTAB_NONE)
		ret = no_such(path, "genome", choice->genome, &genomes, err);
	strtab_release(&genomes);
	return ret;
}

static void copy_feature(const struct import *all, size_t i, bool names_are_ids, struct import *in)
{
	bool has_id = all->ids.n > i, has_symbol = all->genes.s[i][0] != '\0';
	const char *id = has_id ? all->ids.s[i] : all->genes.s[i];

	names_add(&in->genes, has_id && (names_are_ids || !has_symbol) ? id : all->genes.s[i]);
	if (has_id && !names_are_ids)
		names_add(&in->ids, id);
	if (has_id && names_are_ids)
		names_add(&in->symbols, all->genes.s[i]);
	if (all->types.n)
		names_add(&in->types, all->types.s[i]);
	if (all->genomes.n)
		names_add(&in->genomes, all->genomes.s[i]);
}

int import_choose_features(const struct import *all, const struct feature_choice *choice,
			   const char *path, uint32_t **map, struct import *in, struct err *err)
{
	const char *type;

	if (choose_type(all, choice, path, &type, err) || check_genome(all, choice, path, err))
		return -1;
	MEM_ARRAY(*map, all->genes.n);
	for (size_t i = 0; i < all->genes.n; i++) {
		bool keep = (!type || str_eq(all->types.s[i], type)) &&
			    (!choice->genome || str_eq(all->genomes.s[i], choice->genome));
		(*map)[i] = keep ? (uint32_t)in->genes.n : STRTAB_NONE;
		if (keep)
			copy_feature(all, i, choice->names_are_ids, in);
	}
	if (in->genes.n < all->genes.n)
		snprintf(in->decision, sizeof(in->decision), "%zu of %zu features kept (%s%s%s)",
			 in->genes.n, all->genes.n, type ? type : "",
			 type && choice->genome ? ", " : "", choice->genome ? choice->genome : "");
	return 0;
}
