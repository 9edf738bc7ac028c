"""What WeChat's own platforms share on the wire: envelope, callbacks, tokens, error codes.

Official account, mini program and store speak one open API (`api.weixin.qq.com`); WeCom wraps
its callbacks the same way. Platform folders build on this room; nobody else may.
"""
