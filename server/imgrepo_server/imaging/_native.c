/* The inner loop of a search (_scan.c) as a Python module; see _native.pyi. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdlib.h>
#include <string.h>

#include "_scan.h"

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
    Path known[MOST_PATHS];
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
    Path found[MOST_PATHS];
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
