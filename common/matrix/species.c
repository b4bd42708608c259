/* species.c - see species.h. */
#include "base/util.h"

#include <ctype.h>

#include "matrix/genes.h"
#include "matrix/species.h"

#define FEWEST 50    /* names that a style is told from */
#define MOST_OF 0.75 /* of them have it */

enum style { NO_STYLE, UPPER, TITLE, LOWER, N_STYLES };

static enum species species_of_id(const char *id)
{
	if (str_starts(id, "ENSG0") || str_starts(id, "ENST0"))
		return SPECIES_HUMAN;
	if (str_starts(id, "ENSMUS") || str_starts(id, "ENSRNO"))
		return SPECIES_RODENT;
	return str_starts(id, "ENSDAR") ? SPECIES_FISH : SPECIES_OTHER;
}

/* How the letters before the first figure or sign are written: three of them tell. */
static enum style style_of(const char *name)
{
	size_t n_upper = 0, n_lower = 0, i = 0;

	for (; isalpha((unsigned char)name[i]); i++) {
		n_upper += isupper((unsigned char)name[i]) != 0;
		n_lower += islower((unsigned char)name[i]) != 0;
	}
	if (i < 3)
		return NO_STYLE;
	if (!n_lower)
		return UPPER;
	if (!n_upper)
		return LOWER;
	return n_upper == 1 && isupper((unsigned char)name[0]) ? TITLE : NO_STYLE;
}

enum species species_of_genes(char *const *names, size_t n)
{
	static const enum species of_style[N_STYLES] = {SPECIES_UNKNOWN, SPECIES_HUMAN,
							SPECIES_RODENT, SPECIES_FISH};
	size_t by_id[SPECIES_OTHER + 1] = {0}, by_style[N_STYLES] = {0}, n_ids = 0, n_styled;

	for (size_t i = 0; i < n; i++) {
		if (looks_ensembl(names[i])) {
			by_id[species_of_id(names[i])]++;
			n_ids++;
		} else {
			by_style[style_of(names[i])]++;
		}
	}
	n_styled = by_style[UPPER] + by_style[TITLE] + by_style[LOWER];
	for (enum species s = SPECIES_HUMAN; s <= SPECIES_OTHER; s++)
		if (n_ids >= FEWEST && 2 * n_ids > n && (double)by_id[s] > MOST_OF * (double)n_ids)
			return s;
	for (enum style s = UPPER; s < N_STYLES; s++)
		if (n_styled >= FEWEST && (double)by_style[s] > MOST_OF * (double)n_styled)
			return of_style[s];
	return SPECIES_UNKNOWN;
}

bool species_agree(enum species a, enum species b)
{
	return a == b || a == SPECIES_UNKNOWN || b == SPECIES_UNKNOWN;
}

const char *species_name(enum species s)
{
	static const char *const names[] = {[SPECIES_UNKNOWN] = "unknown",
					    [SPECIES_HUMAN] = "human",
					    [SPECIES_RODENT] = "mouse or rat",
					    [SPECIES_FISH] = "zebrafish",
					    [SPECIES_OTHER] = "of another species"};

	return names[s];
}
