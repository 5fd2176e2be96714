"""What the process imports first that workers are begun from: before pydicom, what leaves decoders out."""

from hosr.dicom.decoders import leave_out_decoders

leave_out_decoders()
