"""An analytic pelvis with hips, implants and heterotopic bone of known size, imaged as DICOM studies."""
