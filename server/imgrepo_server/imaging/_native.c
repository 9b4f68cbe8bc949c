/* Which stored views are near a query: the inner loop of a search, see scan.py.
 *
 * One call goes through all views and gives up the interpreter's lock for all of that time. NumPy
 * needs half a dozen calls for some thousand views, and waits for the lock after each: beside an
 * event loop that is busy with uploads, that waiting took longer than the work. And what NumPy
 * writes to memory between two steps stays in registers here.
 *
 * Every path computes the same. The fastest that the processor has is chosen as it is loaded.
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

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

typedef struct {
    const int64_t *seqs; /* null for the query */
    const uint64_t *phash64, *dhash64, *phash256;
    Py_ssize_t count;
} Views;

typedef struct { /* of one or several pictures that are searched with at once */
    Views views;
    const uint8_t *ends; /* for each picture, the index behind its last view */
    Py_ssize_t pictures;
} Query;

typedef struct {
    int64_t *seq;
    uint16_t *quarters;
    uint8_t *view;
    int32_t *chunk;
    Py_ssize_t count, room;
} Hits;

static int make_room(Hits *hits) {
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
    hits->room = (Py_ssize_t)room;
    return 0;
}

/* Bit i: whether the short hashes of view `from + i` leave it within `most`, for i < lanes. */
INLINE unsigned candidates(const Views *query, const Views *stored, Py_ssize_t from, int lanes,
                           uint32_t most) {
    unsigned found = 0;
    for (int lane = 0; lane < lanes; lane++) {
        uint64_t phash = stored->phash64[from + lane], dhash = stored->dhash64[from + lane];
        uint32_t least = UINT32_MAX;
        for (Py_ssize_t row = 0; row < query->count; row++) {
            uint32_t bits = COUNT(phash ^ query->phash64[row]) + COUNT(dhash ^ query->dhash64[row]);
            least = bits < least ? bits : least;
        }
        found |= (unsigned)(least <= most) << lane;
    }
    return found;
}

/* Of the query's views from..to the one nearest to a stored one, the first of several; its S in
 * quarters. */
INLINE uint32_t nearest(const Views *query, Py_ssize_t from, Py_ssize_t to, const Views *stored,
                        Py_ssize_t at, uint8_t *view) {
    const uint64_t *theirs = stored->phash256 + LONG * at;
    uint32_t least = UINT32_MAX;
    for (Py_ssize_t row = from; row < to; row++) {
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
INLINE int note(const Query *query, const Views *stored, Py_ssize_t at, int32_t chunk,
                uint32_t most, Hits *hits) {
    for (Py_ssize_t picture = 0, from = 0; picture < query->pictures; picture++) {
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
    for (Py_ssize_t number = 0; number < chunks; number++) {                                      \
        const Views *stored = chunk + number;                                                     \
        for (Py_ssize_t from = 0; from < stored->count; from += LANES) {                          \
            Py_ssize_t left = stored->count - from;                                               \
            int lanes = left < LANES ? (int)left : LANES;                                         \
            unsigned found = CANDIDATES(&query->views, stored, from, lanes, most / QUARTERS);     \
            for (int lane = 0; found; lane++, found >>= 1)                                        \
                if (found & 1 && note(query, stored, from + lane, (int32_t)number, most, hits))   \
                    return -1;                                                                    \
        }                                                                                         \
    }                                                                                             \
    return 0

typedef int Scan(const Query *query, const Views *chunk, Py_ssize_t chunks, uint32_t most,
                 Hits *hits);

static int scan_anywhere(const Query *query, const Views *chunk, Py_ssize_t chunks, uint32_t most,
                         Hits *hits) {
    SCAN(candidates);
}

#ifdef CHOOSES_PATH
__attribute__((target("popcnt"))) static int scan_popcnt(const Query *query, const Views *chunk,
                                                         Py_ssize_t chunks, uint32_t most,
                                                         Hits *hits) {
    SCAN(candidates);
}

#define AVX512 __attribute__((target("avx512f,avx512vpopcntdq,popcnt")))

AVX512 static inline unsigned candidates_avx512(const Views *query, const Views *stored,
                                                Py_ssize_t from, int lanes, uint32_t most) {
    __mmask8 here = (__mmask8)((1u << lanes) - 1);
    __m512i phash = _mm512_maskz_loadu_epi64(here, stored->phash64 + from);
    __m512i dhash = _mm512_maskz_loadu_epi64(here, stored->dhash64 + from);
    __m512i least = _mm512_set1_epi64(INT64_MAX);
    for (Py_ssize_t row = 0; row < query->count; row++) {
        __m512i one = _mm512_xor_si512(phash, _mm512_set1_epi64((int64_t)query->phash64[row]));
        __m512i other = _mm512_xor_si512(dhash, _mm512_set1_epi64((int64_t)query->dhash64[row]));
        __m512i bits = _mm512_add_epi64(_mm512_popcnt_epi64(one), _mm512_popcnt_epi64(other));
        least = _mm512_min_epu64(least, bits);
    }
    return _mm512_mask_cmple_epu64_mask(here, least, _mm512_set1_epi64(most));
}

AVX512 static int scan_avx512(const Query *query, const Views *chunk, Py_ssize_t chunks,
                              uint32_t most, Hits *hits) {
    SCAN(candidates_avx512);
}
#endif

typedef struct {
    const char *name;
    Scan *scan;
} Path;

/* The paths that this processor has, the fastest first. */
static int paths(Path found[3]) {
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

/* Fills `views` from objects that hold so many bytes for each view; -1 with an error if not. */
static int hold(PyObject *const objects[4], Py_buffer held[4], Views *views) {
    static const Py_ssize_t bytes[4] = {8, 8, 32, 8};
    for (int part = 0; part < 4; part++) {
        held[part].obj = NULL;
        if (!objects[part]) continue; /* the query's numbers: it has none */
        if (PyObject_GetBuffer(objects[part], &held[part], PyBUF_SIMPLE) < 0) return -1;
        if (held[part].len % bytes[part] || held[part].len / bytes[part] != held[0].len / 8) {
            PyErr_SetString(PyExc_ValueError, "views whose parts differ in number");
            return -1;
        }
    }
    views->phash64 = held[0].buf;
    views->dhash64 = held[1].buf;
    views->phash256 = held[2].buf;
    views->seqs = held[3].obj ? held[3].buf : NULL;
    views->count = held[0].len / 8;
    return 0;
}

static PyObject *answer(const Hits *hits) {
    return Py_BuildValue("y#y#y#y#", (char *)hits->seq, hits->count * 8, (char *)hits->quarters,
                         hits->count * 2, (char *)hits->view, hits->count, (char *)hits->chunk,
                         hits->count * 4);
}

/* Takes hold of all chunks, goes through them without the interpreter's lock, and answers. */
static PyObject *scan_chunks(Scan *scan, const Query *query, PyObject *chunks, uint32_t most) {
    PyObject *result = NULL;
    Py_ssize_t count = PyList_Size(chunks);
    Py_buffer(*held)[4] = PyMem_Calloc((size_t)count + 1, sizeof *held); /* of none: no room */
    Views *stored = PyMem_Calloc((size_t)count + 1, sizeof *stored);
    Hits hits = {0};
    int failed;
    if (!held || !stored || make_room(&hits) < 0) {
        PyErr_NoMemory();
        goto done;
    }
    for (Py_ssize_t number = 0; number < count; number++) {
        PyObject *part[4], *chunk = PyList_GetItem(chunks, number);
        if (!chunk || !PyArg_ParseTuple(chunk, "OOOO", &part[3], &part[0], &part[1], &part[2]) ||
            hold(part, held[number], stored + number) < 0)
            goto done;
    }
    Py_BEGIN_ALLOW_THREADS
    failed = scan(query, stored, count, most, &hits);
    Py_END_ALLOW_THREADS
    result = failed ? PyErr_NoMemory() : answer(&hits);
done:
    for (Py_ssize_t number = 0; held && number < count; number++)
        for (int part = 0; part < 4; part++) PyBuffer_Release(&held[number][part]);
    PyMem_Free(held);
    PyMem_Free(stored);
    free(hits.seq);
    free(hits.quarters);
    free(hits.view);
    free(hits.chunk);
    return result;
}

/* -1 with an error unless the ends of the query's pictures go up to the number of its views. */
static int check_ends(const Query *query) {
    Py_ssize_t before = 0;
    for (Py_ssize_t picture = 0; picture < query->pictures; picture++) {
        if (query->ends[picture] < before) goto other;
        before = query->ends[picture];
    }
    if (before == query->views.count) return 0;
other:
    PyErr_SetString(PyExc_ValueError, "the ends are not those of at most 255 views");
    return -1;
}

static PyObject *scan(PyObject *module, PyObject *args) {
    const char *name;
    PyObject *part[4] = {NULL}, *chunks, *result = NULL;
    unsigned int most;
    Py_buffer held[4] = {{0}};
    Query query;
    Path known[3];
    (void)module;
    if (!PyArg_ParseTuple(args, "s(OOO)y#O!I", &name, &part[0], &part[1], &part[2], &query.ends,
                          &query.pictures, &PyList_Type, &chunks, &most))
        return NULL;
    if (hold(part, held, &query.views) < 0 || check_ends(&query) < 0) goto done;
    for (int number = 0, count = paths(known); number < count; number++)
        if (!strcmp(name, known[number].name)) {
            result = scan_chunks(known[number].scan, &query, chunks, most);
            goto done;
        }
    PyErr_Format(PyExc_ValueError, "this processor has no path %s", name);
done:
    for (int one = 0; one < 4; one++) PyBuffer_Release(&held[one]);
    return result;
}

static int add_paths(PyObject *module) {
    Path found[3];
    int count = paths(found);
    PyObject *names = PyTuple_New(count);
    for (int number = 0; names && number < count; number++) {
        PyObject *name = PyUnicode_FromString(found[number].name);
        if (!name || PyTuple_SetItem(names, number, name) < 0) {
            Py_DECREF(names);
            return -1;
        }
    }
    int failed = names ? PyModule_AddObjectRef(module, "PATHS", names) : -1;
    Py_XDECREF(names);
    return failed;
}

static PyMethodDef functions[] = {
    {"scan", scan, METH_VARARGS, "See _native.pyi."},
    {NULL, NULL, 0, NULL},
};
static PyModuleDef_Slot slots[] = {{Py_mod_exec, add_paths}, {0, NULL}};
static struct PyModuleDef definition = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "_native",
    .m_methods = functions,
    .m_slots = slots,
};

PyMODINIT_FUNC PyInit__native(void) { return PyModuleDef_Init(&definition); }
