/* SPDX-License-Identifier: MIT */
/* A file as a stack: which form it has, and how the stack is called. */
#include <errno.h>
#include <string.h>

#include "read/stacks.h"

static const char *const endings[] = { ".stack", ".json" };

/* The length of a file's name without its ending. */
static size_t stem_of(const char *name)
{
	size_t length = strlen(name);

	for (size_t i = 0; i < ARRAY_SIZE(endings); i++) {
		size_t end = strlen(endings[i]);

		if (length > end && strcmp(name + length - end, endings[i]) == 0)
			return length - end;
	}
	return length;
}

bool is_stack_file(const char *word)
{
	return strchr(word, '/') || stem_of(word) < strlen(word);
}

int stack_name(struct cli *cli, const char *file, char ret_name[static DMK_STACK_NAME_SIZE])
{
	const char *slash = strrchr(file, '/');
	const char *name = slash ? slash + 1 : file;
	size_t length = stem_of(name);
	struct dmk_stack *stack;
	int r;

	if (given(cli, OPT_STACK_NAME)) {
		name = cli->options.stack_name;
		length = strlen(name);
	} else if (strcmp(file, "-") == 0) {
		return usage_error(cli, "name", "a stack on standard input needs --name");
	}
	/* Cut, it is too long still, and refused. */
	snprintf(ret_name, DMK_STACK_NAME_SIZE, "%.*s", (int)length, name);
	r = length < DMK_STACK_NAME_SIZE ? dmk_stack_new(ret_name, &stack) : -EINVAL;
	if (r == -EINVAL)
		return usage_error(cli, name,
				   "'%.*s' is no name of a stack: allowed are 1 to %d of letters, "
				   "digits, . _ and +; --name gives another one",
				   (int)length, name, DMK_STACK_NAME_SIZE - 1);
	if (r < 0)
		return fail_errno(cli, r, name, "make the stack");
	dmk_stack_free(stack);
	return EXIT_DONE;
}

#if defined(HAVE_INIH) || defined(HAVE_JSON_C)
/* JSON begins with its brace. */
static bool is_json(const struct bytes *bytes)
{
	return bytes->data[strspn(bytes->data, " \t\r\n")] == '{';
}

static int read_text(struct cli *cli, struct stack_text *text)
{
	const char *nul;
	struct text_piece place;
	int status = read_short_file(cli, text->file, STACK_FILE_BYTES, &text->bytes);

	if (status != EXIT_DONE)
		return status;
	/* Where a file ends there is room for one byte more. */
	text->bytes.data[text->bytes.length] = '\0';
	nul = memchr(text->bytes.data, '\0', text->bytes.length);
	if (nul) {
		place = place_of(text, nul);
		return fail_stack_text(cli, text, &place, "a NUL byte: this is no text");
	}
	status = is_json(&text->bytes) ? stack_read_json(cli, text) : stack_read_ini(cli, text);
	if (status == EXIT_DONE && text->n == 0)
		status = usage_error(cli, text->file,
				     "%s names no device; 'down' takes a stack down", text->file);
	return status;
}

int stack_read(struct cli *cli, const char *file, struct stack_text *text,
	       struct dmk_stack **ret_stack)
{
	char name[DMK_STACK_NAME_SIZE];
	int status = stack_name(cli, file, name);

	*text = (struct stack_text){ .file = file };
	if (status == EXIT_DONE)
		status = read_text(cli, text);
	if (status == EXIT_DONE)
		status = stack_build(cli, text, name, ret_stack);
	return status;
}
#else
void say_no_stack_files(struct cli *cli)
{
	const struct dmk_error err = { .code = -EOPNOTSUPP };

	fail_said(cli, &err,
		  "this dmkit was built without libinih and json-c, and reads no stack files");
}
#endif
