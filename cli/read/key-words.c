/* SPDX-License-Identifier: MIT */
/*
 * Keys for the targets that carry one. The words of a command are seen by every process, so a key
 * comes out of a file, a file descriptor or the kernel's keyring: for the target's secret key NAME
 * there are NAME-file=, NAME-fd= and NAME-format=, keyring= and key-size=.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/cli.h"
#include "common/numbers.h"
#include "read/tables.h"
#include "show/errors.h"
#include "show/secrets.h"

#define MOST_KEY_BYTES 4096
#define KEY_NAME 64

/* What the words say of one secret key. */
struct source {
	const char *name; /* of the target's key */
	const char *file;
	const char *fd;
	const char *format;
	const char *keyring;
	const char *size;
};

static bool is_helper(const char *word, const char *name, const char *suffix)
{
	size_t length = strlen(name);

	return strncmp(word, name, length) == 0 && strcmp(word + length, suffix) == 0;
}

/* Takes the pair if it is one of the source's; *ret_slot is where its value goes. */
static bool find_slot(struct source *source, const char *word, const char ***ret_slot)
{
	bool plain = strcmp(source->name, "key") == 0;

	if (is_helper(word, source->name, "-file"))
		*ret_slot = &source->file;
	else if (is_helper(word, source->name, "-fd"))
		*ret_slot = &source->fd;
	else if (is_helper(word, source->name, "-format"))
		*ret_slot = &source->format;
	else if (plain && strcmp(word, "keyring") == 0)
		*ret_slot = &source->keyring;
	else if (plain && strcmp(word, "key-size") == 0)
		*ret_slot = &source->size;
	else
		return false;
	return true;
}

/* All of fd, at most MOST_KEY_BYTES. The length or a negative errno. */
static ssize_t read_key(int fd, unsigned char *bytes)
{
	size_t length = 0;

	for (;;) {
		ssize_t n = read(fd, bytes + length, MOST_KEY_BYTES + 1 - length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		length += (size_t)n;
		if (length > MOST_KEY_BYTES)
			return -EFBIG;
		if (n == 0)
			return (ssize_t)length;
	}
}

/* The bytes as hex digits, or checked as hex digits already; "-" for no bytes. Wiped by the caller.
 */
static int to_hex(struct cli *cli, const struct source *source, const unsigned char *bytes,
		  size_t length, char *hex)
{
	static const char digits[] = "0123456789abcdef";
	bool is_hex = source->format && strcmp(source->format, "hex") == 0;

	if (source->format && !is_hex && strcmp(source->format, "raw") != 0)
		return usage_error(cli, source->format, "%s-format=%s: allowed is raw or hex",
				   source->name, source->format);
	if (!is_hex) {
		for (size_t i = 0; i < length; i++) {
			*hex++ = digits[bytes[i] >> 4];
			*hex++ = digits[bytes[i] & 15];
		}
	} else {
		while (length > 0 && (bytes[length - 1] == '\n' || bytes[length - 1] == '\r'))
			length--;
		for (size_t i = 0; i < length; i++) {
			if (!strchr("0123456789abcdefABCDEF", bytes[i]) || !bytes[i] || length % 2)
				return usage_error(
					cli, source->name,
					"the %s is not hex: pairs of the digits 0-9 and a-f alone",
					source->name);
			*hex++ = (char)bytes[i];
		}
	}
	if (length == 0)
		*hex++ = '-';
	*hex = '\0';
	return EXIT_DONE;
}

static int from_fd(struct cli *cli, const struct source *source, int fd, const char *where,
		   char *hex)
{
	unsigned char *bytes = malloc(MOST_KEY_BYTES + 1);
	ssize_t length;
	int status;

	if (!bytes)
		return fail_errno(cli, -ENOMEM, "", "read the key");
	no_dump(bytes, MOST_KEY_BYTES + 1);
	length = read_key(fd, bytes);
	if (length == -EFBIG)
		status = usage_error(cli, where, "the key in %s is longer than %d bytes", where,
				     MOST_KEY_BYTES);
	else if (length < 0)
		status = fail_errno(cli, (int)length, where, "read the key from");
	else
		status = to_hex(cli, source, bytes, (size_t)length, hex);
	explicit_bzero(bytes, MOST_KEY_BYTES + 1);
	free(bytes);
	return status;
}

static int from_file(struct cli *cli, const struct source *source, char *hex)
{
	bool standard = strcmp(source->file, "-") == 0;
	int fd = standard ? STDIN_FILENO : open(source->file, O_RDONLY | O_CLOEXEC);
	int status;

	if (fd < 0)
		return fail_errno(cli, -errno, source->file, "open the key file");
	status = from_fd(cli, source, fd, standard ? "standard input" : source->file, hex);
	if (!standard)
		close(fd);
	return status;
}

/* ":SIZE:TYPE:DESCRIPTION", as the kernel reads it. */
static int from_keyring(struct cli *cli, const struct source *source, char *text)
{
	uint64_t bytes;

	if (!source->size || !parse_number(source->size, MOST_KEY_BYTES, &bytes) || bytes == 0)
		return usage_error(cli, "key-size",
				   "keyring= needs key-size=, the key's size in bytes, 1 to %d",
				   MOST_KEY_BYTES);
	if (!strchr(source->keyring, ':') || strpbrk(source->keyring, " \t\n"))
		return usage_error(
			cli, source->keyring,
			"keyring= is TYPE:DESCRIPTION, as in keyring=logon:cryptsetup:1");
	if (strlen(source->keyring) > MOST_KEY_BYTES)
		return usage_error(cli, "keyring", "the key's description is too long");
	sprintf(text, ":%u:%s", (unsigned)bytes, source->keyring);
	return EXIT_DONE;
}

static int read_source(struct cli *cli, const struct source *source, char *text)
{
	int sources = !!source->file + !!source->fd + !!source->keyring;
	uint32_t fd;

	if (sources != 1)
		return usage_error(cli, source->name, "give exactly one of %s-file=, %s-fd=%s",
				   source->name, source->name,
				   strcmp(source->name, "key") == 0 ? " and keyring=" : "");
	if (source->keyring)
		return from_keyring(cli, source, text);
	if (source->size)
		return usage_error(cli, "key-size",
				   "key-size= goes with keyring=: a file says it itself");
	if (source->file)
		return from_file(cli, source, text);
	if (!parse_number32(source->fd, INT32_MAX, &fd))
		return usage_error(cli, source->fd,
				   "%s-fd=%s: allowed is the number of an open file descriptor",
				   source->name, source->fd);
	return from_fd(cli, source, (int)fd, source->fd, text);
}

/* The pairs of one secret key become one pair with the key itself. */
static int take_key(struct cli *cli, const char *name, struct key_words *words)
{
	struct source source = { .name = name };
	bool found = false;
	uint32_t kept = 0;
	int status;
	char *text;

	for (uint32_t i = 0; i < words->n; i++) {
		struct dmk_key_value *pair = &words->pairs[i];
		const char **slot;

		if (strcmp(pair->key, name) == 0)
			return usage_error(
				cli, name,
				"%s= would show the key to every process: use %s-file= or %s-fd=",
				name, name, name);
		if (!find_slot(&source, pair->key, &slot)) {
			words->pairs[kept++] = *pair;
			continue;
		}
		if (*slot)
			return usage_error(cli, pair->key, "%s= is given twice", pair->key);
		*slot = pair->value;
		found = true;
	}
	if (!found)
		return EXIT_DONE;
	text = calloc(1, KEY_TEXT_SIZE);
	if (!text)
		return fail_errno(cli, -ENOMEM, "", "read the key");
	no_dump(text, KEY_TEXT_SIZE);
	words->texts[words->n_texts++] = text;
	status = read_source(cli, &source, text);
	if (status != EXIT_DONE)
		return status;
	words->pairs[kept] = (struct dmk_key_value){ .key = name, .value = text };
	words->n = kept + 1;
	return EXIT_DONE;
}

static int get_key(const char *type, const char *message, uint32_t index, struct dmk_key *ret_key)
{
	return message ? dmk_message_key(type, message, index, ret_key)
		       : dmk_target_key(type, index, ret_key);
}

int key_words_take(struct cli *cli, const char *type, const char *message, struct key_words *words)
{
	struct dmk_key key;
	int status = EXIT_DONE;

	for (uint32_t i = 0; status == EXIT_DONE && get_key(type, message, i, &key) == 0; i++) {
		if ((key.flags & DMK_KEY_SECRET) && words->n_texts < MOST_SECRETS)
			status = take_key(cli, key.name, words);
	}
	return status;
}

void key_words_drop(struct key_words *words)
{
	for (uint32_t i = 0; i < words->n_texts; i++) {
		explicit_bzero(words->texts[i], KEY_TEXT_SIZE);
		free(words->texts[i]);
	}
	free(words->pairs);
	*words = (struct key_words){ 0 };
}

const char *key_word(const struct dmk_key *key, unsigned index, char buf[static KEY_WORD_SIZE])
{
	static const char words[][10] = { "-file", "-fd", "-format", "keyring", "key-size" };
	bool plain = strcmp(key->name, "key") == 0;

	if (index >= (plain ? ARRAY_SIZE(words) : 3))
		return NULL;
	snprintf(buf, KEY_WORD_SIZE, "%s%s", index < 3 ? key->name : "", words[index]);
	return buf;
}
