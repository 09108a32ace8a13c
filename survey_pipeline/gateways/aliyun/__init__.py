"""Alibaba Cloud's Short Message Service for mainland China (dysmsapi), over its HTTP API.

In reading order: `texts` (what was approved), `codes` (what errors mean), `pushes` (what it sends
to us), `findings` (for `doctor`), `gateway`. Requests are signed by `gateways.acs3`.
"""

from survey_pipeline.gateways.aliyun.gateway import AliyunGateway

__all__ = ["AliyunGateway"]
