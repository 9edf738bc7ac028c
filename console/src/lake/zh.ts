export const lake = {
  title: "SQL 查询",
  lead: "直接查询历史库与订单，只读。表：events、customers、identities、tags、orders、touches、segment_memberships。",
  run: "运行",
  runKeys: "Ctrl + Enter 运行",
  examples: "示例",
  exampleWords: {
    sources: "各来源客户数",
    months: "每月订单与收入",
    events: "近 7 天事件",
    touches: "触达结果",
  },
  took: (ms: number, rows: number) => `${rows} 行 · ${ms} 毫秒`,
  empty: "写一段 SELECT，按“运行”看结果",
  emptyHint: "也可以从示例开始。",
  noRows: "没有结果",
  placeholder: "SELECT …",
};
