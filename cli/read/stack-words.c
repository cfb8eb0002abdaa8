/* SPDX-License-Identifier: MIT */
/* Words of a stack file's value, and ${VAR} in them: --set's alone, never the environment's. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "read/stacks.h"

/* The value of the variable whose name has length bytes; NULL: nobody has set it. */
static const char *find_var(const struct cli *cli, const char *name, size_t length)
{
	for (unsigned i = 0; i < cli->options.n_sets; i++) {
		const char *set = cli->options.sets[i];

		if (strncmp(set, name, length) == 0 && set[length] == '=')
			return set + length + 1;
	}
	return NULL;
}

/* ${VAR} at text: its value, and what stands behind it. 0 or an exit code, reported. */
static int take_var(struct cli *cli, const char *text, const char **ret_value, const char **ret_end)
{
	size_t length = strcspn(text, "}");
	char name[96];

	snprintf(name, sizeof(name), "%.*s", (int)length + 1, text);
	if (!text[length] || length == 2)
		return usage_error(cli, name, "'%s': a variable is ${VAR}", name);
	*ret_value = find_var(cli, text + 2, length - 2);
	*ret_end = text + length + 1;
	if (!*ret_value)
		return usage_error(cli, name, "%s is not set: give --set %.*s=VALUE", name,
				   (int)length - 2, text + 2);
	return EXIT_DONE;
}

int expand_vars(struct cli *cli, const char *text, char **ret_text)
{
	size_t size = 0;
	char *expanded = NULL;
	FILE *out = open_memstream(&expanded, &size);
	int status = out ? EXIT_DONE : fail_errno(cli, -ENOMEM, "", "read the stack");

	while (status == EXIT_DONE && *text) {
		const char *value = "$", *end = text + 1;
		size_t plain = strcspn(text, "$");

		fwrite(text, 1, plain, out);
		text += plain;
		if (!*text)
			break;
		if (text[1] == '{')
			status = take_var(cli, text, &value, &end);
		if (status == EXIT_DONE)
			fputs(value, out);
		text = end;
	}
	if (out && fclose(out) != 0 && status == EXIT_DONE)
		status = fail_errno(cli, -ENOMEM, "", "read the stack");
	if (status == EXIT_DONE)
		*ret_text = expanded;
	else
		free(expanded);
	return status;
}

/* One word without its quotes: free(). NULL: a quote is not closed. */
static char *cut_word(const char *text, const char **ret_end)
{
	char *word = strdup(text);
	size_t used = 0;
	char quote = '\0';

	for (; *text && (quote || !is_blank(*text)); text++) {
		if (*text == quote)
			quote = '\0';
		else if (!quote && (*text == '"' || *text == '\''))
			quote = *text;
		else if (word)
			word[used++] = *text;
	}
	if (word)
		word[used] = '\0';
	if (quote) {
		free(word);
		return NULL;
	}
	*ret_end = text;
	return word;
}

static int add_word(struct cli *cli, const char *word, struct text_words *words)
{
	/* One more: a NULL ends them. */
	char **grown = realloc(words->words, (words->n + 2) * sizeof(*grown));
	int status;

	if (!grown)
		return fail_errno(cli, -ENOMEM, "", "read the stack");
	words->words = grown;
	status = expand_vars(cli, word, &grown[words->n]);
	if (status == EXIT_DONE)
		words->n++;
	grown[words->n] = NULL;
	return status;
}

int add_text_words(struct cli *cli, const char *text, struct text_words *words)
{
	int status = EXIT_DONE;

	while (status == EXIT_DONE) {
		char *word;

		while (is_blank(*text))
			text++;
		if (!*text)
			break;
		word = cut_word(text, &text);
		if (!word)
			return usage_error(cli, text, "a quote is not closed");
		status = add_word(cli, word, words);
		free(word);
	}
	return status;
}

void drop_text_words(struct text_words *words)
{
	for (uint32_t i = 0; i < words->n; i++)
		free(words->words[i]);
	free(words->words);
	*words = (struct text_words){ 0 };
}
