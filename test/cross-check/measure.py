"""Measures the structures of sets of DICOM RT independently of the loader, by the method of dicompyler.

Volumes are areas of polygons times the thickness of planes; doses are interpolated trilinearly at points within the
polygons. The script shares no code with the loader: it reads with pydicom and computes with numpy.

    /usr/bin/python3 measure.py FOLDER...

writes a line of JSON for each folder: its structures by ROI number, or the error that prevents the measurement.
"""
import json
import os
import sys

import numpy as np
import pydicom

POINTS = 60  # along the longer side of a structure in each of its planes
LAYERS = (-1 / 3, 0, 1 / 3)  # of the thickness of a plane, where doses are sampled
SAME_PLANE = 0.3  # mm
COVERED = 0.99


def read(folder):
    objects = {}
    for root, _, names in os.walk(folder):
        for name in sorted(names):
            data = pydicom.dcmread(os.path.join(root, name), force=True)
            objects.setdefault(data.get('SOPInstanceUID'), data)
    by_modality = {}
    for data in objects.values():
        by_modality.setdefault(str(data.get('Modality')), []).append(data)
    return by_modality


def contours_of(structures):
    """Closed contours by ROI number, each as (z, points in x and y)."""
    found = {}
    for item in structures.get('ROIContourSequence', []):
        number = int(item.ReferencedROINumber)
        contours = found.setdefault(number, [])
        for contour in item.get('ContourSequence', []):
            points = np.array([float(value) for value in contour.ContourData]).reshape(-1, 3)
            kind = str(contour.get('ContourGeometricType', 'CLOSED_PLANAR'))
            if len(points) < 3 or not kind.startswith('CLOSED'):
                continue
            if np.ptp(points[:, 2]) > 0.01:
                raise ValueError('contours are not axial')
            contours.append((points[0, 2], points[:, :2]))
    return found


def planes_of(contours, image_mm):
    """Planes with their thickness: half of the distance to each neighbour, half of the median distance at the ends."""
    planes = []
    for z, polygon in sorted(contours, key=lambda one: one[0]):
        if planes and z - planes[-1][0] <= SAME_PLANE:
            planes[-1][1].append(polygon)
        else:
            planes.append((z, [polygon]))
    heights = np.array([z for z, _ in planes])
    gaps = np.diff(heights)
    usual = float(np.median(gaps)) if len(gaps) else image_mm
    joined = gaps <= max(2.5 * usual, 1.5 * image_mm)
    below = np.concatenate([[usual], np.where(joined, gaps, usual)]) / 2
    above = np.concatenate([np.where(joined, gaps, usual), [usual]]) / 2
    return [(z, polygons, b, a) for (z, polygons), b, a in zip(planes, below, above)]


def area(polygon):
    x, y = polygon[:, 0], polygon[:, 1]
    return abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2


def inside(polygon, x, y):
    """Whether points lie in a polygon, by the number of edges that a ray crosses."""
    within = np.zeros(x.shape, bool)
    for (x0, y0), (x1, y1) in zip(polygon, np.roll(polygon, -1, axis=0)):
        if y0 == y1:
            continue
        crosses = (y0 > y) != (y1 > y)
        within ^= crosses & (x < x0 + (y - y0) * (x1 - x0) / (y1 - y0))
    return within


def plane_area(polygons):
    """Area of polygons in one plane, of which those within an odd number of others are holes."""
    total = 0.0
    for i, polygon in enumerate(polygons):
        middle = polygon[:1]
        depth = sum(
            bool(inside(other, middle[:, 0], middle[:, 1])[0])
            for j, other in enumerate(polygons)
            if j != i and area(other) > area(polygon)
        )
        total += area(polygon) * (-1) ** depth
    return total


class Dose:
    def __init__(self, data, prescription):
        self.values = data.pixel_array.reshape(-1, data.Rows, data.Columns) * float(data.DoseGridScaling)
        if data.DoseUnits == 'RELATIVE':
            self.values = self.values * prescription / (100 if self.values.max() > 10 else 1)
        self.origin = np.array([float(value) for value in data.ImagePositionPatient])
        orientation = np.array([float(value) for value in data.ImageOrientationPatient])
        self.across, self.down = orientation[:3], orientation[3:]
        self.normal = np.cross(self.across, self.down)
        self.row_mm, self.column_mm = (float(value) for value in data.PixelSpacing)
        offsets = np.array([float(value) for value in data.GridFrameOffsetVector])
        if offsets[0] != 0:
            offsets = (offsets - offsets[0]) * self.normal[2]
        if len(offsets) > 1 and offsets[1] < offsets[0]:
            offsets, self.values = offsets[::-1], self.values[::-1]
        self.offsets = offsets

    def at(self, places, linear=True):
        """Dose in Gy at points, interpolated or of the nearest voxel; NaN outside the grid."""
        way = places - self.origin
        column, row = way @ self.across / self.column_mm, way @ self.down / self.row_mm
        frame = np.interp(way @ self.normal, self.offsets, np.arange(len(self.offsets)), left=np.nan, right=np.nan)
        index = np.stack([frame, row, column])
        top = np.array(self.values.shape).reshape(3, 1) - 1
        beyond = ~((index >= -1e-6) & (index <= top + 1e-6)).all(axis=0)
        index = np.clip(np.nan_to_num(index), 0, top)
        if not linear:
            return np.where(beyond, np.nan, self.values[tuple(np.rint(index).astype(int))])
        low = np.minimum(index.astype(int), np.maximum(top - 1, 0))
        part = index - low
        total = np.zeros(len(places))
        for corner in np.ndindex(2, 2, 2):
            step = np.array(corner).reshape(3, 1)
            weight = np.where(step == 1, part, 1 - part).prod(axis=0)
            total += weight * self.values[tuple(np.minimum(low + step, top))]
        total[beyond] = np.nan
        return total


def doses_of(objects):
    """Doses whose sum is that of the plan: the dose of the whole plan, or those of its parts."""
    references = [one for plan in objects.get('RTPLAN', []) for one in plan.get('DoseReferenceSequence', [])]
    prescription = max((float(one.TargetPrescriptionDose) for one in references), default=0)
    physical = [one for one in objects.get('RTDOSE', []) if one.get('DoseType', 'PHYSICAL') == 'PHYSICAL'
                and 'PixelData' in one]
    whole = [one for one in physical if one.get('DoseSummationType') == 'PLAN']
    return [Dose(one, prescription) for one in whole[:1] or physical]


def measure(contours, doses, image_mm):
    if not contours:
        return None
    planes = planes_of(contours, image_mm)
    volume = sum(plane_area(polygons) * (below + above) for _, polygons, below, above in planes)
    found = {'cc': volume / 1000}
    places, mm3 = samples_of(planes)
    for way, linear in (('linear', True), ('voxels', False)):
        gy = sum(dose.at(places, linear) for dose in doses) if doses else np.full(len(places), np.nan)
        known = ~np.isnan(gy)
        found['covered'] = float(mm3[known].sum() / mm3.sum()) if mm3.sum() > 0 else 0
        if found['covered'] >= COVERED:
            found[way] = statistics(gy[known], mm3[known])
    return found


def samples_of(planes):
    """Points in the polygons, and the volume that each represents."""
    places, weights = [], []
    for z, polygons, below, above in planes:
        corners = np.concatenate(polygons)
        low, high = corners.min(axis=0), corners.max(axis=0)
        step = max((high - low).max() / POINTS, 1e-3)
        xs, ys = (np.arange(a + step / 2, b, step) for a, b in zip(low, high))
        x, y = (one.ravel() for one in np.meshgrid(xs, ys))
        within = np.logical_xor.reduce([inside(polygon, x, y) for polygon in polygons])
        x, y = x[within], y[within]
        for layer in LAYERS:
            height = z + (above - below) / 2 + layer * (above + below)
            places.append(np.stack([x, y, np.full(len(x), height)], axis=1))
            weights.append(np.full(len(x), step * step * (above + below)))
    return np.concatenate(places), np.concatenate(weights)


def statistics(gy, mm3):
    order = np.argsort(-gy)
    sorted_gy, share = gy[order], np.cumsum(mm3[order]) / mm3.sum()
    at = {name: float(sorted_gy[np.searchsorted(share, part)]) for name, part in (('d2', 0.02), ('d98', 0.98))}
    return {'mean': float(np.average(gy, weights=mm3)), **at}


def measured(folder):
    objects = read(folder)
    structures, = objects['RTSTRUCT']
    heights = sorted({float(one.ImagePositionPatient[2]) for one in objects['CT']})
    image_mm = float(np.median(np.diff(heights)))
    doses = doses_of(objects)
    return {number: measure(contours, doses, image_mm) for number, contours in contours_of(structures).items()}


for path in sys.argv[1:]:
    try:
        line = {'folder': path, 'structures': measured(path)}
    except Exception as error:  # A faulty set must not prevent the measurement of others.
        line = {'folder': path, 'error': f'{type(error).__name__}: {error}'}
    print(json.dumps(line), flush=True)
