/* SPDX-License-Identifier: MIT */
#include "kmsg.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define PREFIX "device-mapper: "
#define TRUSTED "trusted_key: "

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

/* /dev/kmsg shows bytes that are not printable ASCII, and the backslash, as \xHH. */
static void copy_length(char *field, size_t size, const char *s, size_t length)
{
	struct dmk_room room = { .buf = field, .size = size };

	field[0] = '\0';
	for (size_t i = 0; i < length; i++) {
		if (i + 3 < length && s[i] == '\\' && s[i + 1] == 'x' &&
		    dmk_hex_digit(s[i + 2]) >= 0 && dmk_hex_digit(s[i + 3]) >= 0) {
			dmk_room_add(&room, "%c",
				     dmk_hex_digit(s[i + 2]) << 4 | dmk_hex_digit(s[i + 3]));
			i += 3;
		} else {
			dmk_room_add(&room, "%c", s[i]);
		}
	}
	if (room.length >= size)
		memcpy(field + size - 4, "...", 4);
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
