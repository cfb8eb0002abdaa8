/* SPDX-License-Identifier: MIT */
/* What the targets of a device say of themselves that means trouble. */
#include <errno.h>
#include <string.h>

#include "device.h"
#include "doctor.h"
#include "rows/target.h"

/* A target that waits for a lock answers when who holds it is done, which may be never. */
#define LIMIT_MS 5000
#define SHORT_LIMIT_MS 500 /* once one was late: a hundred others may be, for the same reason */
#define NS_PER_MS INT64_C(1000000)

/* One segment of a device. */
struct asked {
	struct dmk_findings *findings;
	const struct dmk_listed *device;
	const struct dmk_segment *segment;
};

static int tell(void *userdata, const struct dmk_row *row, const struct dmk_trouble *trouble,
		const char *value)
{
	const struct asked *asked = userdata;
	struct dmk_finding *finding =
		dmk_add_finding_of(asked->findings, DMK_FINDING_STATUS_BAD, asked->device);

	if (!finding)
		return -ENOMEM;
	finding->flags = trouble->note ? DMK_FINDING_NOTE : 0;
	finding->start_sectors = asked->segment->start_sectors;
	dmk_copy_text(finding->target, sizeof(finding->target), asked->segment->type);
	dmk_copy_text(finding->field, sizeof(finding->field), row->name);
	dmk_copy_text(finding->value, sizeof(finding->value), value);
	dmk_copy_text(finding->detail, sizeof(finding->detail), trouble->what);
	dmk_advise(finding, trouble->mend);
	return 0;
}

static int examine_segments(struct dmk_findings *findings, const struct dmk_listed *device,
			    struct dmk_segments *segments)
{
	struct dmk_segment segment;
	struct asked asked = { findings, device, &segment };
	int r = 0;

	while (r == 0 && dmk_segments_next(segments, &segment) == 1)
		r = dmk_target_troubles(segment.type, segment.params, tell, &asked);
	return r;
}

/* As long as the caller's limits say, within these two: not to ask at all is no answer. */
static int limit_of(struct dmk *dm, const struct dmk_findings *findings,
		    struct dmk_limit *ret_limit, int64_t *ret_ms)
{
	int64_t ms = findings->late ? SHORT_LIMIT_MS : LIMIT_MS, now = dmk_now_ns();
	int64_t shortest = now + SHORT_LIMIT_MS * NS_PER_MS, longest = now + ms * NS_PER_MS;
	int r = dmk_limit_start(dm, 0, ms, ret_limit);

	if (r < 0)
		return r;
	if (ret_limit->end_ns < shortest)
		ret_limit->end_ns = shortest;
	if (ret_limit->end_ns > longest)
		ret_limit->end_ns = longest;
	*ret_ms = (ret_limit->end_ns - now) / NS_PER_MS;
	return 0;
}

int dmk_examine_status(struct dmk *dm, struct dmk_findings *findings,
		       const struct dmk_listed *device)
{
	const struct dmk_id id = { .major = device->major, .minor = device->minor };
	struct dmk_segments *segments;
	struct dmk_finding *finding;
	struct dmk_limit limit;
	int64_t ms = 0;
	int r = limit_of(dm, findings, &limit, &ms);

	if (r == 0)
		r = dmk_get_status_within(dm, &id, &limit, &segments);
	if (r == 0) {
		r = examine_segments(findings, device, segments);
		dmk_segments_free(segments);
		return r;
	}
	/* One that went away meanwhile is none. */
	if (r != -ETIMEDOUT)
		return r == -ENOMEM ? r : 0;
	findings->late = true;
	finding = dmk_add_finding_of(findings, DMK_FINDING_STATUS_LATE, device);
	if (!finding)
		return -ENOMEM;
	dmk_print_text(finding->detail, sizeof(finding->detail), "%llu ms", (unsigned long long)ms);
	return 0;
}
