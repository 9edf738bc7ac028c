export const guides = {
  title: "导购",
  lead: "谁在维护多少客户，最近加了多少、流失多少、成交多少。",
  staff: "导购",
  account: "账号",
  customers: "客户",
  added: "近 7 天新增",
  lost: "近 7 天流失",
  messages: "近 7 天消息",
  orders: "订单",
  revenue: "成交",
  empty: "还没有导购",
  emptyHint: "连接企业微信并同步客户后，每位成员的成绩会出现在这里。",
};
