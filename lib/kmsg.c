/* SPDX-License-Identifier: MIT */
#include "kmsg.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define PREFIX "device-mapper: "
#define TRUSTED "trusted_key: "
#define WARNING 4

/* A flood of other messages must not hold up an error. */
#define MOST_RECORDS 4096

void dmk_kmsg_note(struct dmk_kmsg *log)
{
	if (log->error)
		return;
	/* In a container /dev/kmsg may lead to its console. */
	if (log->fd < 0)
		log->fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (log->fd < 0 || lseek(log->fd, 0, SEEK_END) < 0)
		log->error = -errno;
	log->lost = false;
}

void dmk_kmsg_close(struct dmk_kmsg *log)
{
	if (log->fd >= 0)
		close(log->fd);
	log->fd = -1;
}

int dmk_kmsg_ready(const struct dmk_kmsg *log)
{
	struct stat st;

	if (log->error)
		return log->error;
	if (log->fd < 0 || fstat(log->fd, &st) < 0)
		return -EBADF;
	/* Containers are given /dev/null, or a file, in its place. */
	if (!S_ISCHR(st.st_mode) || st.st_rdev != makedev(1, 11))
		return -ENODEV;
	return 0;
}

/* "LEVEL,SEQUENCE,TIME,FLAGS[,caller=...];text": where the text begins. */
static const char *text_of(const char *record)
{
	const char *text = strchr(record, ';');

	if (!text)
		return NULL;
	text++;
	/* So begin all lines of dm-crypt since 5.12, by a header that it includes. */
	if (strncmp(text, TRUSTED, strlen(TRUSTED)) == 0)
		text += strlen(TRUSTED);
	return strncmp(text, PREFIX, strlen(PREFIX)) == 0 ? text + strlen(PREFIX) : NULL;
}

int dmk_kmsg_read(struct dmk_kmsg *log, char record[DMK_KMSG_RECORD_SIZE])
{
	for (uint32_t i = 0; i < MOST_RECORDS; i++) {
		ssize_t n = read(log->fd, record, DMK_KMSG_RECORD_SIZE - 1);

		if (n < 0 && (errno == EPIPE || errno == EINTR)) {
			log->lost |= errno == EPIPE;
			continue;
		}
		if (n <= 0)
			return 0;
		record[n] = '\0';
		if (text_of(record))
			return 1;
	}
	log->lost = true;
	return 0;
}

/* "MAJOR:MINOR" up to a colon or a space; NULL: something else stands there. */
static const char *take_devno(const char *text, struct dmk_kmsg_line *line)
{
	size_t length = strspn(text, "0123456789:");
	uint32_t major, minor;
	char number[24];

	if (length && text[length - 1] == ':')
		length--;
	if (length == 0 || length >= sizeof(number) || !text[length])
		return NULL;
	memcpy(number, text, length);
	number[length] = '\0';
	if (!dmk_parse_devno(number, &major, &minor) || major == 0)
		return NULL;
	line->major = major;
	line->minor = minor;
	return text + length + strspn(text + length, ": ");
}

static void copy_length(char *field, size_t size, const char *s, size_t length)
{
	dmk_print_text(field, size, "%.*s", (int)(length < size ? length : size), s);
}

bool dmk_kmsg_parse(const char *record, struct dmk_kmsg_line *ret_line)
{
	const char *text = text_of(record);
	struct dmk_kmsg_line line = { 0 };
	const char *caller, *colon, *rest, *at = record;
	uint64_t priority;

	if (!text || !dmk_take_u64(&at, UINT32_MAX, &priority) || *at++ != ',' ||
	    !dmk_take_u64(&at, UINT64_MAX, &line.sequence))
		return false;
	line.level = priority & 7; /* above it is syslog's facility */
	caller = strstr(record, ",caller=");
	if (caller && caller < text) {
		caller += strlen(",caller=");
		copy_length(line.caller, sizeof(line.caller), caller, strcspn(caller, ",;"));
	}
	colon = strstr(text, ": ");
	if (!colon || colon == text || strcspn(text, "\n") < (size_t)(colon - text))
		return false;
	copy_length(line.source, sizeof(line.source), text, (size_t)(colon - text));
	rest = take_devno(colon + 2, &line);
	if (!rest)
		rest = colon + 2;
	/* What follows on lines of its own is the record's dictionary. */
	copy_length(line.text, sizeof(line.text), rest, strcspn(rest, "\n"));
	dmk_one_line(line.text);
	*ret_line = line;
	return line.text[0] != '\0';
}

void dmk_kmsg_add(struct dmk_kmsg_window *window, const struct dmk_kmsg_line *line)
{
	if (line->major && (line->major != window->major || line->minor != window->minor)) {
		window->others = true;
	} else if (line->level > WARNING) {
		return; /* said in passing */
	} else if (line->major) {
		if (window->n_own < DMK_ARRAY_SIZE(window->own))
			window->own[window->n_own++] = *line;
	} else if (window->n_plain < DMK_ARRAY_SIZE(window->plain)) {
		window->plain[window->n_plain++] = *line;
	} else {
		window->others = true; /* more than one refusal says */
	}
}

/* Lines of device-mapper's core: the target's own say more. */
static bool is_core(const struct dmk_kmsg_line *line)
{
	return strcmp(line->source, "ioctl") == 0 || strcmp(line->source, "table") == 0 ||
	       strncmp(line->source, "core", 4) == 0;
}

static void add_line(const struct dmk_kmsg_line *line, char *reason, size_t size)
{
	char sentence[sizeof(line->source) + sizeof(line->text) + 2];
	size_t length = strlen(reason);

	snprintf(sentence, sizeof(sentence), "%s%s%s", is_core(line) ? "" : line->source,
		 is_core(line) ? "" : ": ", line->text);
	if (length == 0)
		dmk_copy_text(reason, size, sentence);
	else if (!strstr(reason, sentence) && length + 2 + strlen(sentence) < size)
		snprintf(reason + length, size - length, "; %s", sentence);
}

/* Is plain line number i one of an unbroken row of lines that ends right before own? */
static bool leads_to(const struct dmk_kmsg_window *window, uint32_t i,
		     const struct dmk_kmsg_line *own)
{
	const struct dmk_kmsg_line *line = &window->plain[i];

	if (is_core(line) || strcmp(line->caller, own->caller) != 0)
		return false;
	while (line->sequence + 1 != own->sequence) {
		if (++i == window->n_plain || window->plain[i].sequence != line->sequence + 1 ||
		    is_core(&window->plain[i]) || strcmp(window->plain[i].caller, own->caller) != 0)
			return false;
		line = &window->plain[i];
	}
	return true;
}

/* Its own lines first, errors before warnings; then what led to them. */
static void reason_of_own(const struct dmk_kmsg_window *window, char *reason, size_t size)
{
	uint32_t level = WARNING;

	for (uint32_t i = 0; i < window->n_own; i++)
		if (window->own[i].level < level)
			level = window->own[i].level;
	for (uint32_t i = 0; i < window->n_own; i++)
		if (window->own[i].level <= level)
			add_line(&window->own[i], reason, size);
	if (window->others)
		return;
	for (uint32_t i = 0; i < window->n_plain; i++)
		for (uint32_t j = 0; j < window->n_own; j++)
			if (leads_to(window, i, &window->own[j]))
				add_line(&window->plain[i], reason, size);
}

/*
 * Can the plain lines be those of one refusal? One thread wrote them; at most one target's code;
 * and the ioctl that is refused says so once, last.
 */
static bool is_one_refusal(const struct dmk_kmsg_window *window)
{
	const struct dmk_kmsg_line *target = NULL;

	for (uint32_t i = 0; i < window->n_plain; i++) {
		const struct dmk_kmsg_line *line = &window->plain[i];

		if (strcmp(line->caller, window->plain[0].caller) != 0)
			return false;
		if (strcmp(line->source, "ioctl") == 0 && i + 1 < window->n_plain)
			return false;
		if (is_core(line))
			continue;
		if (target && strcmp(target->source, line->source) != 0)
			return false;
		target = line;
	}
	return true;
}

void dmk_kmsg_reason(const struct dmk_kmsg_window *window, char *reason, size_t size)
{
	reason[0] = '\0';
	if (window->n_own) {
		reason_of_own(window, reason, size);
		return;
	}
	if (window->others || !is_one_refusal(window))
		return;
	for (uint32_t i = 0; i < window->n_plain; i++)
		add_line(&window->plain[i], reason, size);
}
