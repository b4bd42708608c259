/* training_words.h - what a training has to say, in words: one line or several per piece of news.
 *
 *	struct text lines = TEXT_INIT;
 *	training_words(&t, news, &lines);   // each line ends in a newline
 *	say_lines(lines.s);
 *
 * Of a pass or an epoch, which are many, it is a phrase without one: for progress_note.
 */
#ifndef TRAIN_TRAINING_WORDS_H
#define TRAIN_TRAINING_WORDS_H

#include "base/text.h"
#include "train/training.h"

/* Added to 'lines': nothing, when there is nothing to say. */
void training_words(const struct training *t, const struct training_news *news, struct text *lines);

/* "48 passes: objective ... summed over classes, largest gradient ..."; also as numbers. */
struct fit_reached {
	double objective, gradient;
};
struct fit_reached training_reached(const struct fit *fit, struct text *line);

#endif
