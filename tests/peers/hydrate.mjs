// Reads an SR with the adapters that OHIF ships, into the state of its measurement tools.
//
// In (one JSON object on stdin): {modules, report, images: [paths]}; out (JSON on stdout): the measurements.
// Only the lookup of the images' planes stands here: it takes from the images what a viewer takes from them.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const asked = JSON.parse(readFileSync(0, 'utf8'));
const { resolve } = createRequire(asked.modules);
const load = (name) => import(pathToFileURL(resolve(name)).href);
const { default: dcmjs } = await load('dcmjs');
const { metaData, utilities } = await load('@cornerstonejs/core');
const { adaptersSR } = await load('@cornerstonejs/adapters');

for (const name of ['log', 'info', 'debug']) console[name] = () => undefined; // stdout is the answer's
const warnings = [];
console.warn = (...words) => warnings.push(words.map(String).join(' '));

/** A DICOM file with names in place of tags. */
function read(path) {
  const { buffer, byteOffset, byteLength } = readFileSync(path);
  const file = dcmjs.data.DicomMessage.readFile(buffer.slice(byteOffset, byteOffset + byteLength));
  return dcmjs.data.DicomMetaDictionary.naturalizeDataset(file.dict);
}

/** Where the pixels lie: as a radiograph states it, flat in front of the reader, when it states nothing. */
function plane(image) {
  const [rowSpacing, columnSpacing] = image.PixelSpacing ?? image.ImagerPixelSpacing ?? [1, 1];
  const cosines = (image.ImageOrientationPatient ?? [1, 0, 0, 0, 1, 0]).map(Number);
  return {
    rows: image.Rows,
    columns: image.Columns,
    rowCosines: cosines.slice(0, 3),
    columnCosines: cosines.slice(3),
    imagePositionPatient: (image.ImagePositionPatient ?? [0, 0, 0]).map(Number),
    rowPixelSpacing: Number(rowSpacing),
    columnPixelSpacing: Number(columnSpacing),
    frameOfReferenceUID: image.FrameOfReferenceUID,
  };
}

const images = new Map(asked.images.map(read).map((image) => [image.SOPInstanceUID, image]));
metaData.addProvider((type, id) => {
  if (type === 'imagePlaneModule') return plane(images.get(id));
  return type === 'instance' ? images.get(id) : undefined;
});
const ids = Object.fromEntries([...images.keys()].map((uid) => [`${uid}:1`, uid]));
const state = adaptersSR.Cornerstone3D.MeasurementReport.generateToolState(read(asked.report), ids, metaData);
const measurements = Object.entries(state).flatMap(([tool, found]) => found.map((one) => {
  const { data, metadata } = one.annotation;
  const image = metadata.referencedImageId;
  const { length, unit } = Object.values(data.cachedStats)[0] ?? {};
  return {
    tool,
    tracking_uid: one.TrackingUniqueIdentifier,
    label: data.label,
    finding: one.finding?.CodeMeaning ?? null,
    sites: (one.findingSites ?? []).map((site) => site.CodeMeaning),
    image,
    length: length === undefined ? null : Number(length),
    unit: unit ?? null,
    points: data.handles.points.map((point) => Array.from(utilities.worldToImageCoords(image, point))),
  };
}));
process.stdout.write(JSON.stringify({ measurements, warnings }));
