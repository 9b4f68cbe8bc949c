/* What _scan.c does, for _native.c. */
#ifndef IMGREPO_SCAN_H
#define IMGREPO_SCAN_H

#include <stddef.h>
#include <stdint.h>

enum { MOST_PATHS = 3 };

typedef struct {
    const int64_t *seqs; /* null for the query */
    const uint64_t *phash64, *dhash64, *phash256;
    ptrdiff_t count;
} Views;

typedef struct { /* of one or several pictures that are searched with at once */
    Views views;
    const uint8_t *ends; /* for each picture, the index behind its last view */
    ptrdiff_t pictures;
} Query;

typedef struct {
    int64_t *seq;
    uint16_t *quarters;
    uint8_t *view;
    int32_t *chunk;
    ptrdiff_t count, room;
} Hits;

/* Room for some hits, or more of them; -1 without memory. */
int make_room(Hits *hits);

/* Notes in `hits` which views of the chunks are within `most` quarters of a picture of the query; -1
 * without memory. */
typedef int Scan(const Query *query, const Views *chunk, ptrdiff_t chunks, uint32_t most,
                 Hits *hits);

typedef struct {
    const char *name;
    Scan *scan;
} Path;

/* The paths that this processor has, the fastest first; how many. */
int paths(Path found[MOST_PATHS]);

#endif
