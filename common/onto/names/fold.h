/* fold.h - a label as a short list of comparable words.
 *
 * Two spellings of one name become the same words: case, punctuation, plural, accents, Greek
 * letters, British spelling, Roman numerals, and the many ways to write a marker's sign.
 *
 *	"CD4-positive, αβ T cells"   cd4+ alpha beta t cell
 *	"Naïve_B-Cells"              naive b cell
 *	"CD16-CD56dim NK"            cd16- cd56+ dim nk
 *	"L2/3 IT"                    l2/3 it
 *
 * A sign stays on its word: "+" or "-" at the end. A CD marker without a sign has it. Bytes that
 * are no UTF-8 separate words. Words past MAX_WORDS are left out; nothing is refused.
 */
#ifndef ONTO_NAMES_FOLD_H
#define ONTO_NAMES_FOLD_H

#include "onto/names/words.h"

void words_fold(struct words *w, const char *label);

#endif
