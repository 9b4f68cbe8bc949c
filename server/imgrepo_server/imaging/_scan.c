/* Which stored views are near a query: the inner loop of a search, see scan.py.
 *
 * One call goes through all views and gives up the interpreter's lock for all of that time. NumPy
 * needs half a dozen calls for some thousand views, and waits for the lock after each: beside an
 * event loop that is busy with uploads, that waiting took longer than the work. And what NumPy
 * writes to memory between two steps stays in registers here.
 *
 * Every path computes the same. The fastest that the processor has is chosen as it is loaded.
 */
#include "_scan.h"

#include <stdlib.h>

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))
#define CHOOSES_PATH
#include <immintrin.h>
#endif

#if defined(__GNUC__) || defined(__clang__)
#define INLINE static inline __attribute__((always_inline))
#define COUNT(word) ((uint32_t)__builtin_popcountll(word))
#else
#define INLINE static __inline
static __inline uint32_t COUNT(uint64_t word) {
    word -= word >> 1 & 0x5555555555555555u;
    word = (word & 0x3333333333333333u) + (word >> 2 & 0x3333333333333333u);
    word = (word + (word >> 4)) & 0x0f0f0f0f0f0f0f0fu;
    return (uint32_t)(word * 0x0101010101010101u >> 56);
}
#endif

enum { LANES = 8, LONG = 4, QUARTERS = 4 };

int make_room(Hits *hits) {
    size_t room = hits->room ? 2 * (size_t)hits->room : 1024;
    void *seq = realloc(hits->seq, room * sizeof *hits->seq);
    if (seq) hits->seq = seq;
    void *quarters = realloc(hits->quarters, room * sizeof *hits->quarters);
    if (quarters) hits->quarters = quarters;
    void *view = realloc(hits->view, room * sizeof *hits->view);
    if (view) hits->view = view;
    void *chunk = realloc(hits->chunk, room * sizeof *hits->chunk);
    if (chunk) hits->chunk = chunk;
    if (!seq || !quarters || !view || !chunk) return -1;
    hits->room = (ptrdiff_t)room;
    return 0;
}

/* Bit i: whether the short hashes of view `from + i` leave it within `most`, for i < lanes. */
INLINE unsigned candidates(const Views *query, const Views *stored, ptrdiff_t from, int lanes,
                           uint32_t most) {
    unsigned found = 0;
    for (int lane = 0; lane < lanes; lane++) {
        uint64_t phash = stored->phash64[from + lane], dhash = stored->dhash64[from + lane];
        uint32_t least = UINT32_MAX;
        for (ptrdiff_t row = 0; row < query->count; row++) {
            uint32_t bits = COUNT(phash ^ query->phash64[row]) + COUNT(dhash ^ query->dhash64[row]);
            least = bits < least ? bits : least;
        }
        found |= (unsigned)(least <= most) << lane;
    }
    return found;
}

/* Of the query's views from..to the one nearest to a stored one, the first of several; its S in
 * quarters. */
INLINE uint32_t nearest(const Views *query, ptrdiff_t from, ptrdiff_t to, const Views *stored,
                        ptrdiff_t at, uint8_t *view) {
    const uint64_t *theirs = stored->phash256 + LONG * at;
    uint32_t least = UINT32_MAX;
    for (ptrdiff_t row = from; row < to; row++) {
        const uint64_t *mine = query->phash256 + LONG * row;
        uint32_t quarters = QUARTERS * (COUNT(stored->phash64[at] ^ query->phash64[row]) +
                                        COUNT(stored->dhash64[at] ^ query->dhash64[row]));
        for (int word = 0; word < LONG; word++) quarters += COUNT(theirs[word] ^ mine[word]);
        if (quarters < least) {
            least = quarters;
            *view = (uint8_t)row;
        }
    }
    return least;
}

/* Notes a stored view for each picture of the query to which it is near; -1 without memory. */
INLINE int note(const Query *query, const Views *stored, ptrdiff_t at, int32_t chunk,
                uint32_t most, Hits *hits) {
    for (ptrdiff_t picture = 0, from = 0; picture < query->pictures; picture++) {
        uint8_t view = 0, to = query->ends[picture];
        uint32_t quarters = nearest(&query->views, from, to, stored, at, &view);
        from = to;
        if (quarters > most) continue;
        if (hits->count == hits->room && make_room(hits) < 0) return -1;
        hits->seq[hits->count] = stored->seqs[at];
        hits->quarters[hits->count] = (uint16_t)quarters;
        hits->view[hits->count] = view;
        hits->chunk[hits->count++] = chunk;
    }
    return 0;
}

/* As a macro, so that it is compiled anew, with everything in it, for each kind of processor. */
#define SCAN(CANDIDATES)                                                                          \
    for (ptrdiff_t number = 0; number < chunks; number++) {                                      \
        const Views *stored = chunk + number;                                                     \
        for (ptrdiff_t from = 0; from < stored->count; from += LANES) {                          \
            ptrdiff_t left = stored->count - from;                                               \
            int lanes = left < LANES ? (int)left : LANES;                                         \
            unsigned found = CANDIDATES(&query->views, stored, from, lanes, most / QUARTERS);     \
            for (int lane = 0; found; lane++, found >>= 1)                                        \
                if (found & 1 && note(query, stored, from + lane, (int32_t)number, most, hits))   \
                    return -1;                                                                    \
        }                                                                                         \
    }                                                                                             \
    return 0

static int scan_anywhere(const Query *query, const Views *chunk, ptrdiff_t chunks, uint32_t most,
                         Hits *hits) {
    SCAN(candidates);
}

#ifdef CHOOSES_PATH
__attribute__((target("popcnt"))) static int scan_popcnt(const Query *query, const Views *chunk,
                                                         ptrdiff_t chunks, uint32_t most,
                                                         Hits *hits) {
    SCAN(candidates);
}

#define AVX512 __attribute__((target("avx512f,avx512vpopcntdq,popcnt")))

AVX512 static inline unsigned candidates_avx512(const Views *query, const Views *stored,
                                                ptrdiff_t from, int lanes, uint32_t most) {
    __mmask8 here = (__mmask8)((1u << lanes) - 1);
    __m512i phash = _mm512_maskz_loadu_epi64(here, stored->phash64 + from);
    __m512i dhash = _mm512_maskz_loadu_epi64(here, stored->dhash64 + from);
    __m512i least = _mm512_set1_epi64(INT64_MAX);
    for (ptrdiff_t row = 0; row < query->count; row++) {
        __m512i one = _mm512_xor_si512(phash, _mm512_set1_epi64((int64_t)query->phash64[row]));
        __m512i other = _mm512_xor_si512(dhash, _mm512_set1_epi64((int64_t)query->dhash64[row]));
        __m512i bits = _mm512_add_epi64(_mm512_popcnt_epi64(one), _mm512_popcnt_epi64(other));
        least = _mm512_min_epu64(least, bits);
    }
    return _mm512_mask_cmple_epu64_mask(here, least, _mm512_set1_epi64(most));
}

AVX512 static int scan_avx512(const Query *query, const Views *chunk, ptrdiff_t chunks,
                              uint32_t most, Hits *hits) {
    SCAN(candidates_avx512);
}
#endif

int paths(Path found[MOST_PATHS]) {
    int count = 0;
#ifdef CHOOSES_PATH
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vpopcntdq"))
        found[count++] = (Path){"avx512", scan_avx512};
    if (__builtin_cpu_supports("popcnt")) found[count++] = (Path){"popcnt", scan_popcnt};
#endif
    found[count++] = (Path){"anywhere", scan_anywhere};
    return count;
}
